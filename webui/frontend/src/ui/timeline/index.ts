/** The timeline of a table's partitions. */

export { Timeline, type TimelineProps } from "./Timeline";
export { heldText, placeText, spanText } from "./words";
