import { beforeEach, describe, expect, test } from "vitest";
import { Pulse, type World } from "./live";

class Clock implements World {
  time = 0;
  isHidden = false;
  #timers = new Map<number, { at: number; call: () => void }>();
  #next = 1;

  now = () => this.time;
  hidden = () => this.isHidden;
  never = (timer: number) => void this.#timers.delete(timer);
  later = (call: () => void, wait: number) => {
    this.#timers.set(this.#next, { at: this.time + wait, call });
    return this.#next++;
  };

  get waiting(): number {
    return this.#timers.size;
  }

  pass(seconds: number): void {
    const end = this.time + seconds * 1000;
    for (;;) {
      const [timer, due] =
        [...this.#timers].filter(([, { at }]) => at <= end).sort((a, b) => a[1].at - b[1].at)[0] ??
        [];
      if (timer === undefined || due === undefined) break;
      this.time = due.at;
      this.#timers.delete(timer);
      due.call();
    }
    this.time = end;
  }
}

let clock: Clock;
let pulse: Pulse;
let beats: number;

beforeEach(() => {
  clock = new Clock();
  pulse = new Pulse(clock, 15);
  beats = 0;
});

const listen = () =>
  pulse.subscribe(() => {
    beats += 1;
  });

describe("the pulse", () => {
  test("beats at its pace while somebody listens", () => {
    const away = listen();
    clock.pass(46);
    expect(beats).toBe(3);
    away();
    clock.pass(60);
    expect(beats).toBe(3);
    expect(clock.waiting).toBe(0);
  });

  test("follows a new pace at once", () => {
    listen();
    clock.pass(6);
    pulse.setPace(5);
    clock.pass(0);
    expect(beats).toBe(1);
    clock.pass(10);
    expect(beats).toBe(3);
  });

  test("paused, it stops what was about to come, also when the tab comes back", () => {
    listen();
    clock.pass(14.9);
    pulse.setPace(0);
    clock.pass(3600);
    clock.isHidden = true;
    pulse.visibilityChanged();
    clock.isHidden = false;
    pulse.visibilityChanged();
    clock.pass(3600);
    expect(beats).toBe(0);
    expect(clock.waiting).toBe(0);
    expect(pulse.beating).toBe(false);
  });

  test("paused, it still beats when a person asks", () => {
    listen();
    pulse.setPace(0);
    pulse.beat();
    expect(beats).toBe(1);
    clock.pass(3600);
    expect(beats).toBe(1);
  });

  test("a hidden tab reads nothing, and catches up when it is shown", () => {
    listen();
    clock.isHidden = true;
    pulse.visibilityChanged();
    clock.pass(600);
    expect(beats).toBe(0);
    clock.isHidden = false;
    pulse.visibilityChanged();
    clock.pass(0);
    expect(beats).toBe(1);
  });

  test("coming back soon does not read before its time", () => {
    listen();
    clock.pass(5);
    clock.isHidden = true;
    pulse.visibilityChanged();
    clock.pass(2);
    clock.isHidden = false;
    pulse.visibilityChanged();
    clock.pass(7);
    expect(beats).toBe(0);
    clock.pass(1);
    expect(beats).toBe(1);
  });

  test("tells who watches it that the pace has changed", () => {
    const seen: number[] = [];
    pulse.watch(() => seen.push(pulse.pace));
    pulse.setPace(60);
    pulse.setPace(0);
    expect(seen).toEqual([60, 0]);
  });
});
