// @vitest-environment node
import { beforeEach, describe, expect, test } from "vitest";
import {
  type Followed,
  Follower,
  type FollowWorld,
  merge,
  type StreamEars,
  type Told,
} from "./follow";
import type { RunEvent, RunShown } from "./types";

const RUN: RunShown = {
  id: 7,
  actor: "dev",
  command: "apply",
  started_at: "2026-12-01T00:00:00+00:00",
  finished_at: null,
  result: "running",
  message: null,
  tables: ["public.events"],
  done: 0,
  failed: 0,
  reason: null,
  planned: null,
};

function event(id: number, kind = "created"): RunEvent {
  return {
    id,
    kind,
    at: "2026-12-01T00:00:00+00:00",
    table: "public.events",
    partition: `public.p${id}`,
    bounds: null,
    rows: null,
    bytes: null,
    seconds: null,
    message: null,
  };
}

/** A server with events, a browser with one lock, and a clock that stands still. */
class Surroundings {
  time = 1_000_000;
  beats = true;
  events: RunEvent[] = [];
  result = "running";
  reads: number[] = [];
  told: Told[] = [];
  open: { after: number; ears: StreamEars; closed: boolean }[] = [];
  holder: (() => void) | null = null;
  released = 0;
  errors: unknown[] = [];
  down = false;
  #timers: (() => void)[] = [];

  world(streams: boolean): FollowWorld {
    return {
      now: () => this.time,
      later: (call) => this.#timers.push(call),
      never: (timer) => {
        this.#timers[timer - 1] = () => undefined;
      },
      beating: () => this.beats,
      read: async (after) => {
        this.reads.push(after);
        if (this.down) throw new Error("down");
        const items = this.events.filter((each) => each.id > after);
        return { run: { ...RUN, result: this.result }, items };
      },
      stream: streams ? (after, ears) => this.#stream(after, ears) : null,
      lead: streams
        ? (holder) => {
            this.holder = holder;
            return () => {
              this.released += 1;
            };
          }
        : null,
      tell: (told) => void this.told.push(told),
      failed: (error) => void this.errors.push(error),
    };
  }

  #stream(after: number, ears: StreamEars) {
    const stream = { after, ears, closed: false };
    this.open.push(stream);
    return {
      open: () => !stream.closed,
      close: () => {
        stream.closed = true;
      },
    };
  }

  /** Lets *seconds* go by, a second at a time, with everything that was to happen. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      this.time += 1000;
      const due = this.#timers.splice(0, this.#timers.length, ...[]);
      for (const call of due) call();
      await settle();
    }
  }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

let around: Surroundings;
let shown: Followed;

function follow(streams: boolean): Follower {
  return new Follower(7, around.world(streams), (next) => {
    shown = next;
  });
}

beforeEach(() => {
  around = new Surroundings();
  shown = { run: null, events: [], way: "still" };
});

const ids = () => shown.events.map((each) => each.id);

describe("without streams", () => {
  test("a tab asks for what it has not seen, until the run is over", async () => {
    const follower = follow(false);
    around.events = [event(1)];
    follower.refresh();
    await settle();
    expect(ids()).toEqual([1]);
    expect(shown.way).toBe("polling");
    around.events.push(event(2));
    await around.pass(2);
    expect(ids()).toEqual([1, 2]);
    expect(around.reads).toContain(1);
    around.result = "done";
    await around.pass(2);
    expect(shown.run?.result).toBe("done");
    const reads = around.reads.length;
    await around.pass(30);
    expect(around.reads).toHaveLength(reads);
  });

  test("paused, it asks nothing, and goes on afterwards", async () => {
    const follower = follow(false);
    follower.refresh();
    await settle();
    around.beats = false;
    follower.arrange();
    const reads = around.reads.length;
    await around.pass(60);
    expect(around.reads).toHaveLength(reads);
    expect(shown.way).toBe("still");
    around.beats = true;
    follower.arrange();
    await around.pass(1);
    expect(around.reads.length).toBeGreaterThan(reads);
  });

  test("a failed question is told, and asked again", async () => {
    const follower = follow(false);
    follower.refresh();
    await settle();
    around.down = true;
    await around.pass(2);
    expect(around.errors.length).toBeGreaterThan(0);
    around.down = false;
    around.events = [event(1)];
    await around.pass(2);
    expect(ids()).toEqual([1]);
  });
});

describe("with a stream", () => {
  async function leading(): Promise<Follower> {
    const follower = follow(true);
    around.events = [event(1)];
    follower.refresh();
    await settle();
    around.holder!();
    return follower;
  }

  test("the tab with the lock streams what comes after what it has, and tells the others", async () => {
    await leading();
    expect(around.open[0]?.after).toBe(1);
    around.open[0]!.ears.event(event(2));
    expect(ids()).toEqual([1, 2]);
    expect(shown.way).toBe("stream");
    expect(around.told.at(-1)).toEqual({ run: 7, items: [event(2)] });
  });

  test("while it streams it hardly asks", async () => {
    await leading();
    const reads = around.reads.length;
    await around.pass(9);
    expect(around.reads).toHaveLength(reads);
    await around.pass(3);
    expect(around.reads).toHaveLength(reads + 1);
  });

  test("the end is asked for, and ends the stream and the lock", async () => {
    await leading();
    around.result = "done";
    around.open[0]!.ears.event(event(3, "run-finished"));
    await settle();
    expect(shown.run?.result).toBe("done");
    expect(around.open[0]?.closed).toBe(true);
    expect(around.released).toBe(1);
  });

  test("a refused stream gives the lock up, and the tab asks instead", async () => {
    await leading();
    around.open[0]!.ears.broken();
    expect(around.released).toBe(1);
    around.events.push(event(2));
    await around.pass(4);
    expect(ids()).toEqual([1, 2]);
    expect(around.open).toHaveLength(1);
  });

  test("a tab that is hidden gives the stream to another one", async () => {
    const follower = await leading();
    around.beats = false;
    follower.arrange();
    expect(around.open[0]?.closed).toBe(true);
    expect(around.released).toBe(1);
  });

  test("a tab without the lock lives on what it hears", async () => {
    const follower = follow(true);
    follower.refresh();
    await settle();
    follower.hear({ run: 7, items: [event(1)] });
    expect(ids()).toEqual([1]);
    expect(shown.way).toBe("shared");
    const reads = around.reads.length;
    for (let second = 0; second < 6; second += 1) {
      follower.hear({ run: 7, items: [] });
      await around.pass(1);
    }
    expect(around.reads).toHaveLength(reads);
    await around.pass(4);
    expect(around.reads.length).toBeGreaterThan(reads);
  });

  test("a tab says so when it begins to live on another one, also without news", async () => {
    const follower = follow(true);
    follower.refresh();
    await settle();
    expect(shown.way).toBe("polling");
    follower.hear({ run: 7, items: [] });
    expect(shown.way).toBe("shared");
    await around.pass(5);
    expect(shown.way).toBe("polling");
  });

  test("what is told of another run is not taken", async () => {
    const follower = follow(true);
    follower.hear({ run: 8, items: [event(1)] });
    expect(ids()).toEqual([]);
  });

  test("a page that is left streams no more", async () => {
    const follower = await leading();
    follower.stop();
    expect(around.open[0]?.closed).toBe(true);
    await around.pass(20);
    expect(around.reads).toHaveLength(1);
  });
});

describe("merging", () => {
  test("keeps each event once, in its order", () => {
    const events = [event(1), event(3)];
    expect(merge(events, [event(3), event(2)]).map((each) => each.id)).toEqual([1, 2, 3]);
  });

  test("gives the same array back when there is nothing new", () => {
    const events = [event(1)];
    expect(merge(events, [event(1)])).toBe(events);
  });
});
