/** What a part of a page shows while it has nothing, nothing new, or a failure to tell of. */

import type { ReactNode } from "react";
import { relative } from "../format";
import type { Resource } from "../resource";
import type { Problem } from "../types";
import { Button } from "./Button";
import { useNow } from "./clock";
import { Prose, Time } from "./values";

/** When something was read; marked where it could not be read anew. */
export function Stale({ readAt, stale = false }: { readAt: string; stale?: boolean }) {
  return (
    <span className={`text-xs ${stale ? "font-semibold text-warn" : "text-soft"}`}>
      {stale && <span aria-hidden="true">▲ </span>}
      {stale ? "stale, read " : "read "}
      <Time iso={readAt} />
    </span>
  );
}

/** A failed reading above data that is still shown: what, since when, and "Try again". */
export function StillOld<T>({ resource }: { resource: Resource<T> }) {
  const now = useNow();
  if (resource.problem === null || resource.data === null) return null;
  const since = new Date(resource.failedSince ?? now).toISOString();
  const read = new Date(resource.readAt ?? now).toISOString();
  return (
    <Notice tone="warn" title={`${resource.problem.title}, since ${relative(since, now)}`}>
      <p>
        {resource.problem.detail} What is shown is stale, read {relative(read, now)}.
      </p>
      <Button onClick={resource.refresh} busy={resource.busy} className="mt-2">
        Try again
      </Button>
    </Notice>
  );
}

const NOTICES = {
  info: "border-accent bg-accent-tint",
  ok: "border-ok bg-ok-tint",
  warn: "border-warn bg-warn-tint",
  crit: "border-crit bg-crit-tint",
} as const;

const NOTICE_GLYPHS = { info: "i", ok: "●", warn: "▲", crit: "■" } as const;

export interface NoticeProps {
  tone?: keyof typeof NOTICES;
  title: ReactNode;
  children?: ReactNode;
}

/** Something that should be read before the rest. */
export function Notice({ tone = "info", title, children }: NoticeProps) {
  return (
    <div className={`rounded-md border-l-4 px-4 py-3 text-sm ${NOTICES[tone]}`}>
      <p className="font-semibold">
        <span aria-hidden="true" className="mr-1.5">
          {NOTICE_GLYPHS[tone]}
        </span>
        {title}
      </p>
      {children && <div className="mt-1 text-ink">{children}</div>}
    </div>
  );
}

/** A refusal: what, why, what to do, and what to quote when asking for help. */
export function ProblemNotice({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  return (
    <div role="alert">
      <Notice tone="crit" title={problem.title}>
        <p>
          <Prose text={problem.detail} />
        </p>
        {problem.hint && (
          <p className="mt-1">
            <Prose text={problem.hint} />
          </p>
        )}
        {problem.errors.length > 0 && (
          <ul className="mt-1 list-disc pl-5">
            {problem.errors.map((error) => (
              <li key={`${error.pointer} ${error.detail}`}>
                <code>{error.pointer}</code>: {error.detail}
              </li>
            ))}
          </ul>
        )}
        <p className="mt-1 font-mono text-xs text-soft">
          {problem.code}
          {problem.request_id && `, request ${problem.request_id}`}
        </p>
        {onRetry && (
          <Button onClick={onRetry} className="mt-2">
            Try again
          </Button>
        )}
      </Notice>
    </div>
  );
}

/** Nothing is there, and that is right. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="px-4 py-8 text-center text-sm">
      <p className="font-medium">{title}</p>
      {children && <div className="mx-auto mt-1 max-w-prose text-soft">{children}</div>}
    </div>
  );
}

/** Grey lines in the place of what is being read, of its height, so that nothing jumps. */
export function Skeleton({ lines = 3, height = 20 }: { lines?: number; height?: number }) {
  return (
    <div role="status" className="p-4">
      <span className="sr-only">Reading …</span>
      {Array.from({ length: lines }, (_, line) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: grey lines are all the same
          key={line}
          aria-hidden="true"
          className="mb-2 rounded bg-raised motion-safe:animate-pulse"
          style={{ height, width: `${92 - ((line * 17) % 40)}%` }}
        />
      ))}
    </div>
  );
}

/**
 * The three ways of a reading: nothing yet, a failure with nothing to show, or *children*.
 *
 * A failure with old data shows them, under a line that says so.
 */
export function Ready<T>({
  resource,
  lines,
  children,
}: {
  resource: Resource<T>;
  lines?: number;
  children: (data: T) => ReactNode;
}) {
  if (resource.data === null) {
    if (resource.problem === null) return <Skeleton lines={lines ?? 4} />;
    return <ProblemNotice problem={resource.problem} onRetry={resource.refresh} />;
  }
  return (
    <>
      {resource.problem && (
        <div className="mb-3">
          <StillOld resource={resource} />
        </div>
      )}
      {children(resource.data)}
    </>
  );
}
