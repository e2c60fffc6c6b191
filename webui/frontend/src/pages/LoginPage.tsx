/** Logging in: with a token, or with a name and a password.  The link of the start needs no page. */

import { type FormEvent, useState } from "react";
import { asProblem, send } from "../api";
import { boot } from "../boot";
import { navigate } from "../router";
import { PageHead } from "../shell/PageHead";
import type { Problem } from "../types";
import { Button, Field, Notice, Panel, ProblemNotice, TextInput } from "../ui";

type Way = "token" | "password";

const WAYS: Record<string, Way> = { link: "token", token: "token", basic: "password" };

/** Those of the server that are typed, the most usual first; without a word of it, both. */
const OFFERED: readonly Way[] = (["token", "password"] as const).filter(
  (way) => boot.ways.length === 0 || boot.ways.some((name) => WAYS[name] === way),
);

export interface LoginPageProps {
  /** What follows where the page stands in the place of another one; else the tables do. */
  onDone?: () => void;
}

export function LoginPage({ onDone }: LoginPageProps) {
  const [way, setWay] = useState<Way>(OFFERED[0] ?? "token");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = Object.fromEntries(new FormData(event.currentTarget));
    setBusy(true);
    setProblem(null);
    try {
      await send("POST", "login", typed);
      if (onDone) onDone();
      else {
        navigate("/", { replace: true });
        window.location.reload();
      }
    } catch (error) {
      setProblem(asProblem(error));
    }
    setBusy(false);
  };
  return (
    <div className="mx-auto max-w-md">
      <PageHead title="Log in">
        These pages show and change the partitions of a database, so they ask who you are.
      </PageHead>
      <div className="flex flex-col gap-4">
        {boot.notice && problem === null && <Notice tone="warn" title={boot.notice} />}
        {problem && <ProblemNotice problem={problem} />}
        {OFFERED.length === 0 && (
          <Notice title="Who you are is told by the server in front of these pages">
            Log in there, then load this page again. Ways to log in here: {boot.ways.join(", ")}.
          </Notice>
        )}
        {OFFERED.length > 0 && (
          <Panel
            title="With what you were given"
            actions={OFFERED.length > 1 && <WayChoice way={way} onChoose={setWay} />}
          >
            <form onSubmit={submit} className="flex flex-col gap-3">
              {way === "token" ? <TokenField /> : <PasswordFields />}
              <div>
                <Button type="submit" kind="primary" busy={busy}>
                  Log in
                </Button>
              </div>
            </form>
          </Panel>
        )}
        {(boot.ways.length === 0 || boot.ways.includes("link")) && (
          <p className="text-sm text-soft">
            <code>partman ui</code> prints a link when it starts. It logs in once, within ten
            minutes; starting it again prints a new one.
          </p>
        )}
      </div>
    </div>
  );
}

function WayChoice({ way, onChoose }: { way: Way; onChoose: (way: Way) => void }) {
  const other = way === "token" ? "password" : "token";
  return (
    <Button kind="quiet" onClick={() => onChoose(other)}>
      {other === "password" ? "Name and password" : "Token"}
    </Button>
  );
}

function TokenField() {
  return (
    <Field label="Token">
      {(ties) => (
        <TextInput {...ties} key="token" name="token" type="password" required autoComplete="off" />
      )}
    </Field>
  );
}

function PasswordFields() {
  return (
    <>
      <Field label="Name">
        {(ties) => <TextInput {...ties} key="user" name="user" required autoComplete="username" />}
      </Field>
      <Field label="Password">
        {(ties) => (
          <TextInput
            {...ties}
            name="password"
            type="password"
            required
            autoComplete="current-password"
          />
        )}
      </Field>
    </>
  );
}
