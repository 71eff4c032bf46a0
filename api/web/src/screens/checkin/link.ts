/** By path: a page that waits for its texts is begun anew, and asks again. */
const taken = new Map<string, string>();

/** The token behind the fragment sign of a link. Taken out of the address, so that no history keeps it. */
export function takeLink(): string | null {
  const token = decodeURIComponent(location.hash.slice(1));
  if (token !== "") {
    taken.set(location.pathname, token);
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  return taken.get(location.pathname) ?? null;
}
