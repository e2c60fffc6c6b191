/** A table as a row of the overview, with a second line where it is not ok. */

import { tablePath } from "../../route";
import { Link } from "../../router";
import type { TableSummary } from "../../types";
import { Health, Name, Spark, Stale } from "../../ui";
import {
  DefaultCell,
  LastRunCell,
  NextCell,
  RetentionCell,
  RunwayMeter,
  SizeCell,
  Why,
} from "./cells";

export function TableRow({ table, columns }: { table: TableSummary; columns: number }) {
  const cell = "px-3 py-2 align-baseline";
  return (
    <tbody className="border-b border-line last:border-b-0">
      <tr>
        <td className={cell}>
          <Health word={table.health} />
        </td>
        <th scope="row" className={`${cell} max-w-72 min-w-52 text-left font-normal`}>
          <Link to={tablePath(table.id)} data-row className="target font-semibold">
            <Name>{table.id}</Name>
          </Link>
          {table.stale && (
            <span className="block">
              <Stale readAt={table.read_at} stale />
            </span>
          )}
        </th>
        <td className={`${cell} whitespace-nowrap`}>{table.interval ?? table.strategy}</td>
        <td className={cell}>
          <RunwayMeter runway={table.runway} />
        </td>
        <td className={cell}>
          <DefaultCell part={table.default} />
        </td>
        <td className={cell}>
          <RetentionCell retention={table.retention} />
        </td>
        <td className={cell}>
          <div className="flex items-baseline gap-3">
            <span className="min-w-20">
              <SizeCell table={table} />
            </span>
            <span className="hidden xl:inline">
              <Spark values={table.spark} what={`Sizes of ${table.id}`} />
            </span>
          </div>
        </td>
        <td className={cell}>
          <LastRunCell run={table.last_run} />
        </td>
        <td className={cell}>
          <NextCell table={table} />
        </td>
      </tr>
      {table.health !== "ok" && (
        <tr>
          <td />
          <td colSpan={columns - 1} className="px-3 pb-3">
            <Why table={table} />
          </td>
        </tr>
      )}
    </tbody>
  );
}
