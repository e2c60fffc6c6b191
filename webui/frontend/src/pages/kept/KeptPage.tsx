/** What is kept out of maintenance's way: the bin of detached partitions, and the holds. */

import { PageHead } from "../../shell/PageHead";
import { BinPanel } from "./BinPanel";
import { HoldsPanel } from "./HoldsPanel";

export function KeptPage() {
  return (
    <>
      <PageHead title="Bin and holds" />
      <div className="flex flex-col gap-4">
        <BinPanel />
        <HoldsPanel />
      </div>
    </>
  );
}
