/** A grid for very many rows. */

export { type Column, Grid, type GridProps } from "./Grid";
export { type Cell, csv, type Saved, save } from "./save";
export { type Sort, type SortValue, sorted, sortFrom, sortText } from "./sort";
