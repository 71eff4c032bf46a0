/** The token behind the fragment sign of a check-in link. Taken out of the address, so that no history keeps it. */
export function takeLink(): string | null {
  const token = decodeURIComponent(location.hash.slice(1));
  if (token === "") return null;
  history.replaceState(history.state, "", location.pathname + location.search);
  return token;
}
