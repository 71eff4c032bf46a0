/** Machine's data as it is, to be scrolled by keyboard too. */
export function Json({ label, text }: { label: string; text: string }) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached without a mouse
    <pre className="admin-json" dir="ltr" role="group" tabIndex={0} aria-label={label}>
      {text}
    </pre>
  );
}
