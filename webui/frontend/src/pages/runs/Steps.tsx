/** The steps of a run as a log that can be followed, each with an address of its own. */

import { useEffect, useRef, useState } from "react";
import { bytes, rowsInWords, took } from "../../format";
import { usePlace } from "../../router";
import { Empty, Name, Time } from "../../ui";
import type { Step, StepState } from "./steps";

const LOOKS: Record<StepState, readonly [glyph: string, word: string, tone: string]> = {
  "to-do": ["·", "to do", "text-soft"],
  "under-way": ["◌", "under way", "text-accent"],
  blocked: ["▲", "waits", "text-warn"],
  done: ["✓", "done", "text-ok"],
  failed: ["✗", "failed", "text-crit"],
  skipped: ["–", "skipped", "text-soft"],
};

export function Steps({ steps, over }: { steps: readonly Step[]; over: boolean }) {
  const [follow, setFollow] = useState(true);
  const end = useRef<HTMLDivElement>(null);
  const { hash } = usePlace();
  const settled = steps.filter((step) => step.events.length > 0).length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new step moves the end
  useEffect(() => {
    if (follow && !over && hash === "") end.current?.scrollIntoView({ block: "nearest" });
  }, [settled, follow, over, hash]);
  if (steps.length === 0) {
    return <Empty title={over ? "Nothing was to be done." : "Nothing has happened yet."} />;
  }
  return (
    <>
      {!over && (
        <label className="flex min-h-8 items-center gap-2 border-b border-line px-4 text-sm">
          <input
            type="checkbox"
            checked={follow}
            onChange={() => setFollow(!follow)}
            className="size-4"
          />
          Follow
        </label>
      )}
      <div role="log" aria-label="Steps" aria-live={over ? "off" : "polite"}>
        <ol>
          {steps.map((step) => (
            <StepLine key={step.n} step={step} chosen={hash === `#op-${step.n}`} />
          ))}
        </ol>
        <div ref={end} />
      </div>
    </>
  );
}

function StepLine({ step, chosen }: { step: Step; chosen: boolean }) {
  const [glyph, word, tone] = LOOKS[step.state];
  const facts = [
    step.rows === null ? null : rowsInWords(step.rows),
    step.bytes ? bytes(step.bytes) : null,
    took(step.seconds) || null,
  ].filter(Boolean);
  return (
    <li
      id={`op-${step.n}`}
      className={`border-b border-line px-4 py-2 text-sm last:border-b-0 ${chosen ? "bg-accent-tint" : ""}`}
    >
      <div className="flex flex-wrap items-baseline gap-x-3">
        <span className={`w-28 shrink-0 font-semibold whitespace-nowrap ${tone}`}>
          <span aria-hidden="true" className="mr-1.5 inline-block w-4 text-center">
            {glyph}
          </span>
          {word}
        </span>
        <a href={`#op-${step.n}`} className="target text-soft digits no-underline hover:underline">
          {step.n}
        </a>
        <span className="min-w-0 flex-1">
          <span className="font-medium">{step.kind}</span> <Name>{step.name}</Name>
        </span>
        <span className="text-xs whitespace-nowrap text-soft digits">{facts.join(" · ")}</span>
      </div>
      {step.message && <p className={`mt-0.5 pl-28 ${tone}`}>{step.message}</p>}
      {step.events.length > 1 && <Story step={step} />}
    </li>
  );
}

function Story({ step }: { step: Step }) {
  return (
    <details className="pl-28 text-xs">
      <summary className="min-h-6 w-fit text-accent">{step.events.length} events</summary>
      <ul className="py-1">
        {step.events.map((event) => (
          <li key={event.id}>
            <Time iso={event.at} absolute /> {event.kind}
            {event.message && `: ${event.message}`}
          </li>
        ))}
      </ul>
    </details>
  );
}
