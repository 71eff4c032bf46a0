/** Where to go after signing in: a path of this site, never an address of another one. */
export function backFrom(search: string): string {
  const wanted = new URLSearchParams(search).get("back") ?? "/";
  const isOwn = /^\/(?![/\\])[^\\]*$/u.test(wanted) && !wanted.startsWith("/sign-in");
  return isOwn ? wanted : "/";
}
