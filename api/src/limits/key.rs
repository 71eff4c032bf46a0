//! What counts as one client when only an address is known.

use std::net::IpAddr;

/// Leading bits that tell clients apart: one IPv4 address; one IPv6 network, as whoever has one
/// has all its addresses.
const V4_BITS: u32 = 32;
const V6_BITS: u32 = 64;
/// The same while more clients come than are remembered.
const V4_BITS_CROWDED: u32 = 24;
const V6_BITS_CROWDED: u32 = 48;

/// The key of an address. IPv4 addresses stand where IPv6 has them mapped.
pub(super) fn of(address: IpAddr, crowded: bool) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let kept = if crowded { V4_BITS_CROWDED } else { V4_BITS };
            address.to_ipv6_mapped().to_bits() & leading(96 + kept)
        }
        IpAddr::V6(address) => {
            let kept = if crowded { V6_BITS_CROWDED } else { V6_BITS };
            address.to_bits() & leading(kept)
        }
    }
}

const fn leading(bits: u32) -> u128 {
    u128::MAX << (128 - bits)
}
