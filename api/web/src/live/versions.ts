/** What is known by version: a visit, a room, a doctor. */
export interface Versioned {
  visit_id: string;
  version: number;
}

/**
 * Things by id, each in the newest version that was seen. Events may come twice and late: what is not newer is
 * dropped, also for things that were taken away.
 */
export class Newest<T extends Versioned> {
  private things: ReadonlyMap<string, T> = new Map();
  private readonly gone = new Map<string, number>();

  all(): ReadonlyMap<string, T> {
    return this.things;
  }

  /** Everything anew, as a snapshot says; what it does not hold is no more. */
  replace(things: readonly T[]): void {
    this.gone.clear();
    this.things = new Map(things.map((thing) => [thing.visit_id, thing]));
  }

  /** Whether it was news. */
  put(thing: T): boolean {
    if (!this.isNews(thing)) return false;
    this.gone.delete(thing.visit_id);
    this.things = new Map(this.things).set(thing.visit_id, thing);
    return true;
  }

  /** Whether it was news. */
  remove(thing: Versioned): boolean {
    if (!this.isNews(thing)) return false;
    this.gone.set(thing.visit_id, thing.version);
    const left = new Map(this.things);
    left.delete(thing.visit_id);
    this.things = left;
    return true;
  }

  private isNews(thing: Versioned): boolean {
    const known = this.things.get(thing.visit_id)?.version ?? this.gone.get(thing.visit_id);
    return known === undefined || thing.version > known;
  }
}
