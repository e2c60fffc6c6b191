/** The parts that pages are made of. */

export type { Tone } from "./Badge";
export { Badge, GLYPHS, Health, SEVERITY_TONES, SeverityBadge, TEXT_TONES } from "./Badge";
export { Button, LinkButton, Spinner } from "./Button";
export { Code, CopyButton, copyText } from "./Copy";
export { useNow } from "./clock";
export { Dialog } from "./Dialog";
export { AgreeField, Field, Select, TextInput } from "./Field";
export { useNarrow } from "./narrow";
export { Fact, Facts, Panel } from "./Panel";
export { Spark } from "./Spark";
export { Empty, Notice, ProblemNotice, Ready, Skeleton, Stale, StillOld } from "./states";
export { Bytes, Hint, Name, Prose, Rows, Time } from "./values";
