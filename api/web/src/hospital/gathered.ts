/**
 * Does a piece of work when it is wanted: at once, and for a burst of wishes once more behind it. Never twice at the
 * same time, and never sooner than the gap after the last time began.
 */
export class Gathered {
  private gap: ReturnType<typeof setTimeout> | null = null;
  private later: ReturnType<typeof setTimeout> | null = null;
  private isBusy = false;
  private isWanted = false;
  private isClosed = false;

  constructor(
    private readonly work: () => Promise<unknown>,
    /** Milliseconds from one time to the next. */
    private readonly gapMs: () => number,
  ) {}

  want(): void {
    if (this.isClosed) return;
    if (this.isBusy || this.gap !== null) this.isWanted = true;
    else void this.go();
  }

  /** Wants it some time later; the last one who says so counts. */
  wantIn(ms: number): void {
    if (this.later !== null) clearTimeout(this.later);
    this.later = this.isClosed
      ? null
      : setTimeout(() => {
          this.later = null;
          this.want();
        }, ms);
  }

  close(): void {
    this.isClosed = true;
    for (const timer of [this.gap, this.later]) if (timer !== null) clearTimeout(timer);
    this.gap = null;
    this.later = null;
  }

  private async go(): Promise<void> {
    const began = Date.now();
    this.isBusy = true;
    this.isWanted = false;
    await this.work().catch(() => undefined);
    this.isBusy = false;
    if (this.isClosed) return;
    this.gap = setTimeout(
      () => {
        this.gap = null;
        if (this.isWanted) void this.go();
      },
      Math.max(0, began + this.gapMs() - Date.now()),
    );
  }
}
