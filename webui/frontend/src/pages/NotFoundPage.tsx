/** An address that leads nowhere. */

import { usePlace } from "../router";
import { PageHead } from "../shell/PageHead";
import { LinkButton } from "../ui";

export function NotFoundPage() {
  const { path } = usePlace();
  return (
    <>
      <PageHead title="No such page">
        <p>
          Nothing is at <code className="break-all">{path}</code>. A link may be old, or its end is
          missing.
        </p>
      </PageHead>
      <LinkButton to="/">To the tables</LinkButton>
    </>
  );
}
