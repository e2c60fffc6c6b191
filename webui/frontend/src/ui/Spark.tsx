/** Sizes of the newest partitions, as small bars; decoration beside the number itself. */

import { bytes } from "../format";

const WIDTH = 96;
const HEIGHT = 20;

/** Height of each bar for *values*, the greatest of them *height* pixels; never invisible. */
export function sparkHeights(values: readonly number[], height: number): number[] {
  const greatest = Math.max(...values, 1);
  return values.map((value) => Math.max(1, Math.round((value / greatest) * height)));
}

export function Spark({ values, what }: { values: readonly number[]; what: string }) {
  if (values.length === 0) return null;
  const step = WIDTH / Math.max(values.length, 12);
  const heights = sparkHeights(values, HEIGHT);
  const last = values[values.length - 1]!;
  const text = `${what}: the newest ${values.length} partitions, the last one ${bytes(last)}, the greatest ${bytes(Math.max(...values))}`;
  return (
    <svg width={WIDTH} height={HEIGHT} role="img" aria-label={text} className="shrink-0 text-bar">
      {heights.map((height, at) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place
          key={at}
          className="draw"
          fill="currentColor"
          x={at * step}
          y={HEIGHT - height}
          width={Math.max(1, step - 1)}
          height={height}
        />
      ))}
    </svg>
  );
}
