/** What the server wrote into index.html: where the pages are mounted, and how to begin. */

export interface Boot {
  /** The path that the application is mounted under, without a slash at its end. */
  prefix: string;
  /** The database that is shown when the address names none. */
  database: string | null;
  /** Seconds between two readings. */
  poll: number;
  /** Ways to log in, such as `link`, `token`, `basic`. */
  ways: string[];
  /** What to say above the login: why a link did not log in. */
  notice: string | null;
}

const FALLBACK: Boot = { prefix: "", database: null, poll: 15, ways: [], notice: null };

/** Reads the boot JSON of *page*; what is missing there takes its default. */
export function readBoot(page: Document): Boot {
  const text = page.getElementById("boot")?.textContent ?? "";
  try {
    return { ...FALLBACK, ...(JSON.parse(text) as Partial<Boot>) };
  } catch {
    return FALLBACK;
  }
}

export const boot: Boot = readBoot(document);
