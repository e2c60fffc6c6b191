// biome-ignore-all lint/a11y/useSemanticElements: rows that stand by themselves are no <table>
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and names its row
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the keys are those of the grid
/** A grid of tens of thousands of rows, of which only those in sight are drawn. */

import {
  type KeyboardEvent,
  type MouseEvent,
  memo,
  type ReactNode,
  type UIEvent,
  useCallback,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from "react";
import { flushSync } from "react-dom";
import { copyText } from "../Copy";
import { type Sort, sortAfter } from "./sort";
import { ROW, rangeOf, rowAfter, scrolledTo, slotsOf } from "./window";

export interface Column<T> {
  /** Its name in addresses. */
  key: string;
  head: string;
  /** Its width in pixels; the least one where it grows. */
  width: number;
  /** Takes what the others leave. */
  grows?: boolean;
  numeric?: boolean;
  /** Its text is never wider: cutting it off costs time while one scrolls.  Numbers fit. */
  fits?: boolean;
  cell: (row: T) => ReactNode;
  /** What is seen when one points at it. */
  title?: (row: T) => string | undefined;
}

export interface GridProps<T> {
  /** Says what it is, for screen readers. */
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  sort: Sort;
  onSort: (sort: Sort) => void;
  selected: string | null;
  onSelect: (row: T) => void;
  /** To look at it more closely: Enter. */
  onOpen: (row: T) => void;
}

const HEAD = 36;
const MOST_ROWS = 15;

export function Grid<T>(props: GridProps<T>) {
  const { label, columns, rows, keyOf, selected } = props;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const { top, rest, follow } = useTop();
  const [said, say] = useSaid();
  const height = Math.min(MOST_ROWS, Math.max(3, rows.length)) * ROW;
  const at = useMemo(
    () => (selected === null ? -1 : rows.findIndex((row) => keyOf(row) === selected)),
    [rows, keyOf, selected],
  );
  const range = rangeOf(top, height, rows.length);
  const { first, end } = range;
  useInSight(box, at, height);
  const keys = useGridKeys(props, at, Math.floor(height / ROW), say);
  const shape = useMemo(() => shapeOf(columns), [columns]);
  const pick = (event: MouseEvent, call: (row: T) => void) => {
    const row = (event.target as Element).closest<HTMLElement>("[data-index]");
    if (row) call(rows[Number(row.dataset.index)]!);
  };
  return (
    <>
      <div
        ref={box}
        role="grid"
        aria-label={label}
        aria-rowcount={rows.length + 1}
        aria-colcount={columns.length}
        aria-activedescendant={at >= first && at < end ? `${id}-${at}` : undefined}
        tabIndex={0}
        onKeyDown={keys}
        onScroll={follow}
        style={{ height: height + HEAD + 2 }}
        className="relative overflow-auto bg-surface text-sm -outline-offset-2 contain-strict [overflow-anchor:none]"
      >
        <Heads columns={columns} sort={props.sort} onSort={props.onSort} shape={shape} />
        <div
          role="rowgroup"
          className="relative"
          style={{ minWidth: shape.minWidth, height: rows.length * ROW }}
          onClick={(event) => pick(event, props.onSelect)}
          onDoubleClick={(event) => pick(event, props.onOpen)}
        >
          {slotsOf(range, rangeOf(rest, height, rows.length).first).map((index) => (
            <Row
              // Elements made anew are what makes scrolling slow: they show other rows instead.
              key={index % (end - first)}
              id={`${id}-${index}`}
              index={index}
              row={rows[index]!}
              columns={columns}
              shape={shape}
              selected={index === at}
            />
          ))}
        </div>
      </div>
      <p aria-live="polite" className="sr-only">
        {said}
      </p>
    </>
  );
}

/** How far it is scrolled, in steps of rows: now, and when it last came to rest. */
function useTop() {
  const [top, setTop] = useState(0);
  const [rest, setRest] = useState(0);
  useEffect(() => {
    const timer = window.setTimeout(() => setRest(top), 200);
    return () => window.clearTimeout(timer);
  }, [top]);
  const follow = useCallback((event: UIEvent<HTMLDivElement>) => {
    const next = Math.floor(Math.max(0, event.currentTarget.scrollTop) / ROW) * ROW;
    // Within the frame that scrolls, or that frame would show the rows from before.
    flushSync(() => setTop(next));
  }, []);
  return { top, rest, follow };
}

/** Rows are grids of their own: only lengths that do not follow the text keep them in line. */
interface Shape {
  gridTemplateColumns: string;
  minWidth: number;
}

function shapeOf<T>(columns: readonly Column<T>[]): Shape {
  const parts = columns.map(({ width, grows }) =>
    grows ? `minmax(${width}px, 1fr)` : `${width}px`,
  );
  const widths = columns.reduce((sum, { width }) => sum + width, 0);
  return { gridTemplateColumns: parts.join(" "), minWidth: widths + 16 };
}

function useSaid(): [string, (text: string) => void] {
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (said === "") return undefined;
    const timer = window.setTimeout(() => setSaid(""), 2000);
    return () => window.clearTimeout(timer);
  }, [said]);
  return [said, setSaid];
}

/** Scrolls to the selected row, whoever selected it. */
function useInSight(box: { current: HTMLDivElement | null }, at: number, height: number): void {
  useEffect(() => {
    const there = box.current;
    if (there === null || at < 0) return;
    const next = scrolledTo(at, there.scrollTop, height);
    if (next !== there.scrollTop) there.scrollTop = next;
  }, [box, at, height]);
}

function useGridKeys<T>(
  { rows, keyOf, onSelect, onOpen }: GridProps<T>,
  at: number,
  page: number,
  say: (text: string) => void,
): (event: KeyboardEvent<HTMLDivElement>) => void {
  return (event) => {
    if (event.target !== event.currentTarget) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const there = rows[at];
    const next = rowAfter(event.key, at, rows.length, page);
    if (next !== null) onSelect(rows[next]!);
    else if (there !== undefined && event.key === "Enter") onOpen(there);
    else if (there !== undefined && event.key === "y") {
      const name = keyOf(there);
      copyText(name).then((done) => say(done ? `Copied ${name}` : "Not copied"));
    } else return;
    event.preventDefault();
  };
}

interface HeadsProps<T> extends Pick<GridProps<T>, "columns" | "sort" | "onSort"> {
  shape: Shape;
}

const Heads = memo(DrawnHeads) as typeof DrawnHeads;

function DrawnHeads<T>({ columns, sort, onSort, shape }: HeadsProps<T>) {
  return (
    <div
      role="rowgroup"
      className="sticky top-0 z-10 border-b border-line bg-raised"
      style={{ minWidth: shape.minWidth }}
    >
      <div
        role="row"
        aria-rowindex={1}
        className="grid items-center px-2 text-xs"
        style={{ ...shape, height: HEAD }}
      >
        {columns.map(({ key, head, numeric = false }) => {
          const here = sort.column === key;
          const order = here ? (sort.down ? "descending" : "ascending") : "none";
          return (
            <div key={key} role="columnheader" aria-sort={order} className="min-w-0">
              <button
                type="button"
                onClick={() => onSort(sortAfter(sort, key, numeric))}
                className={`flex min-h-7 w-full items-center gap-1 truncate px-2 font-medium ${numeric ? "justify-end" : ""} ${here ? "text-ink" : "text-soft"}`}
              >
                {head}
                {here && <span aria-hidden="true">{sort.down ? "▼" : "▲"}</span>}
              </button>
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface RowProps<T> {
  id: string;
  index: number;
  row: T;
  columns: readonly Column<T>[];
  shape: Shape;
  selected: boolean;
}

/** While one scrolls, what was drawn already is left as it is. */
const Row = memo(DrawnRow) as typeof DrawnRow;

function DrawnRow<T>({ id, index, row, columns, shape, selected }: RowProps<T>) {
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-index={index}
      style={{ ...shape, height: ROW, top: index * ROW }}
      className={`absolute inset-x-0 grid [contain:size_layout] cursor-pointer items-center border-b border-line px-2 ${selected ? "bg-accent-tint outline-2 -outline-offset-2 outline-accent" : "hover:bg-raised"}`}
    >
      {columns.map(({ key, numeric, fits, cell, title }) => (
        <div
          key={key}
          role="gridcell"
          title={title?.(row)}
          className={`min-w-0 px-2 whitespace-nowrap ${numeric ? "text-right digits" : fits ? "" : "overflow-clip text-ellipsis"}`}
        >
          {cell(row)}
        </div>
      ))}
    </div>
  );
}
