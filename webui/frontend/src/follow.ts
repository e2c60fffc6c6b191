/**
 * Following a run that goes on: one stream of events a browser, polling for everybody else.
 *
 * A browser opens only six connections to a server, so seven tabs with a stream each would stop
 * all pages.  The tab that holds the lock has the stream and tells the others; where there are no
 * locks (plain HTTP on a name of the LAN), no stream can be had, or nothing is heard, a tab asks
 * for the same events itself.  While the pages are paused or hidden, nothing is followed.
 */

import type { RunEvent, RunEvents, RunShown } from "./types";

export interface Followed {
  run: RunShown | null;
  events: readonly RunEvent[];
  /** How news come: by a stream of this tab, from another tab, by asking, or not at all. */
  way: "stream" | "shared" | "polling" | "still";
}

export interface Stream {
  /** Whether it is open now, rather than connecting again. */
  open(): boolean;
  close(): void;
}

export interface StreamEars {
  event(event: RunEvent): void;
  /** It is over for good: refused, or closed by the server. */
  broken(): void;
}

/** What one tab tells the others. */
export interface Told {
  run: number;
  items: RunEvent[];
}

/** What following needs of its surroundings; null is what a browser does not offer. */
export interface FollowWorld {
  now(): number;
  later(call: () => void, milliseconds: number): number;
  never(timer: number): void;
  /** Whether the pages may read by themselves now. */
  beating(): boolean;
  read(after: number): Promise<RunEvents>;
  stream: ((after: number, ears: StreamEars) => Stream) | null;
  /** Holds the browser's one lock while *holder* runs; the returned call gives it up. */
  lead: ((holder: () => void) => () => void) | null;
  tell(told: Told): void;
  failed(error: unknown): void;
}

const STEP = 1000;
/** Without news for so long, a tab asks itself. */
const SILENCE = 3000;
/** Even with a stream that seems open a tab asks so often: a proxy may keep events back. */
const SURE = 10_000;
/** As many events in one answer mean that there are more. */
const MANY = 100;

export class Follower {
  readonly #number: number;
  readonly #world: FollowWorld;
  readonly #show: (followed: Followed) => void;
  #run: RunShown | null = null;
  #events: RunEvent[] = [];
  #timer: number | null = null;
  #asking = false;
  #askedAt = Number.NEGATIVE_INFINITY;
  #heardAt = Number.NEGATIVE_INFINITY;
  #stream: Stream | null = null;
  #giveUp: (() => void) | null = null;
  #streamless = false;
  #ended = false;
  #shown: Followed["way"] = "still";

  constructor(run: number, world: FollowWorld, show: (followed: Followed) => void) {
    this.#number = run;
    this.#world = world;
    this.#show = show;
  }

  /** Begins, or goes on after something changed: paused, hidden, shown. */
  arrange(): void {
    if (this.#ended) return;
    if (this.#over || !this.#world.beating()) this.#rest();
    else this.#watch();
    this.#draw();
  }

  /** Asks now, whatever the pace. */
  refresh(): void {
    if (!this.#ended) void this.#ask();
  }

  stop(): void {
    this.#ended = true;
    this.#rest();
  }

  /** Another tab tells of a run. */
  hear({ run, items }: Told): void {
    if (this.#ended || run !== this.#number) return;
    this.#heardAt = this.#world.now();
    this.#take(items);
    if (this.#way() !== this.#shown) this.#draw();
  }

  get #over(): boolean {
    return this.#run !== null && this.#run.result !== "running";
  }

  get #last(): number {
    return this.#events[this.#events.length - 1]?.id ?? 0;
  }

  #watch(): void {
    const { stream, lead } = this.#world;
    if (this.#run !== null && stream && lead && !this.#giveUp && !this.#streamless) {
      this.#giveUp = lead(() => this.#openStream(stream));
    }
    if (this.#timer === null) this.#tick();
  }

  #tick(): void {
    this.#timer = null;
    if (this.#ended || this.#over || !this.#world.beating()) return;
    const now = this.#world.now();
    if (this.#stream?.open()) {
      this.#heardAt = now;
      this.#world.tell({ run: this.#number, items: [] });
    }
    const silent = now - this.#heardAt >= SILENCE && now - this.#askedAt >= STEP;
    if (silent || now - this.#askedAt >= SURE) void this.#ask();
    if (this.#way() !== this.#shown) this.#draw();
    this.#timer = this.#world.later(() => this.#tick(), STEP);
  }

  #openStream(open: NonNullable<FollowWorld["stream"]>): void {
    if (this.#ended || this.#over) return;
    this.#stream = open(this.#last, {
      event: (event) => {
        this.#heardAt = this.#world.now();
        this.#world.tell({ run: this.#number, items: [event] });
        this.#take([event]);
      },
      broken: () => {
        this.#streamless = true;
        this.#letGo();
        this.#draw();
      },
    });
    this.#draw();
  }

  async #ask(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    this.#askedAt = this.#world.now();
    let more = false;
    try {
      const { run, items } = await this.#world.read(this.#last);
      this.#run = run;
      this.#merge(items);
      more = items.length >= MANY;
    } catch (error) {
      if (!this.#ended) this.#world.failed(error);
    } finally {
      this.#asking = false;
    }
    if (this.#ended) return;
    if (more) void this.#ask();
    this.arrange();
  }

  #take(items: readonly RunEvent[]): void {
    if (!this.#merge(items)) return;
    // Only the answer to a question says how the run ended.
    if (items.some((event) => event.kind === "run-finished")) void this.#ask();
    this.#draw();
  }

  #merge(items: readonly RunEvent[]): boolean {
    const merged = merge(this.#events, items);
    const news = merged !== this.#events;
    this.#events = merged;
    return news;
  }

  #rest(): void {
    if (this.#timer !== null) this.#world.never(this.#timer);
    this.#timer = null;
    this.#letGo();
  }

  #letGo(): void {
    this.#stream?.close();
    this.#stream = null;
    this.#giveUp?.();
    this.#giveUp = null;
  }

  #draw(): void {
    if (this.#ended) return;
    this.#shown = this.#way();
    this.#show({ run: this.#run, events: this.#events, way: this.#shown });
  }

  #way(): Followed["way"] {
    if (this.#over || !this.#world.beating()) return "still";
    if (this.#stream !== null) return "stream";
    return this.#world.now() - this.#heardAt < SILENCE ? "shared" : "polling";
  }
}

/** *events* and *items* in the order of their numbers, each once; the same array without news. */
export function merge(events: RunEvent[], items: readonly RunEvent[]): RunEvent[] {
  const known = new Set(events.map((event) => event.id));
  const news = items.filter((event) => !known.has(event.id));
  return news.length === 0 ? events : [...events, ...news].sort((a, b) => a.id - b.id);
}
