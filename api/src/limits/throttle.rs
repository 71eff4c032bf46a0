//! Charges every request before it is routed, and tells how its caller stands.

use super::routes::{Payer, charge};
use super::{Limits, Standing};
use crate::app::Shared;
use crate::auth::Caller;
use crate::client::ClientAddress;
use crate::problem::{ApiCode, Problem};
use poem::{Endpoint, IntoResponse, Request, Response};
use std::net::{IpAddr, Ipv4Addr};
use tracing::Span;

/// Wraps the routes. Stands inside the edge, which says where the request comes from and turns
/// refusals into answers, and inside what provides the application.
pub struct Throttle<E>(pub E);

impl<E: Endpoint> Endpoint for Throttle<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let app = request
            .data::<Shared>()
            .ok_or(Problem::new(ApiCode::InternalError))?
            .clone();
        let standing = pay(&app, &mut request).await;
        let standing = standing.map(Standing::admit).transpose()?;
        match (self.0.call(request).await, standing) {
            (Ok(answer), standing) => {
                let mut response = answer.into_response();
                if let Some(standing) = standing {
                    standing.mark(response.headers_mut());
                }
                Ok(response)
            }
            (Err(mut error), standing) => {
                // The edge writes it into the answer that it makes of the error.
                if let Some(standing) = standing {
                    error.set_data(standing);
                }
                Err(error)
            }
        }
    }
}

/// Charges whoever asks. A credential that is verified here is not verified again.
async fn pay(app: &Shared, request: &mut Request) -> Option<Standing> {
    let charge = charge(request.method(), request.uri().path());
    let address = request
        .data::<ClientAddress>()
        .copied()
        .unwrap_or(ClientAddress(IpAddr::V4(Ipv4Addr::UNSPECIFIED)));
    let limits: &Limits = &app.limits;
    match charge.payer {
        Payer::Nobody => None,
        Payer::Address => Some(limits.charge_address(address, charge.cost)),
        Payer::Door => Some(limits.charge_door(address, charge.cost)),
        Payer::Caller => {
            let caller = Caller::authenticate(app, request).await.ok();
            let paid = caller
                .as_ref()
                .and_then(|caller| limits.charge_caller(caller, charge.cost));
            if let Some(caller) = caller {
                // whoever is refused is named in the log
                Span::current().record("actor", caller.actor_key.as_str());
                request.set_data(caller);
            }
            Some(paid.unwrap_or_else(|| limits.charge_address(address, charge.cost)))
        }
    }
}
