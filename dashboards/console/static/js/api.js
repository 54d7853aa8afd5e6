// Questions to the console's read API.

export class ApiError extends Error {}

/** JSON of a /v1 path; empty parameters are left out. */
export async function ask(path, parameters = {}) {
  let answer;
  let body;
  try {
    answer = await fetch(address(path, parameters), { headers: { Accept: "application/json" } });
    body = await answer.json();
  } catch {
    throw new ApiError("监测台没有应答。");
  }
  if (!answer.ok) throw new ApiError(body.title || `监测台答复${answer.status}。`);
  return body;
}

export function address(path, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== "" && value !== null && value !== undefined) query.set(name, value);
  }
  return `/v1/${path}?${query}`;
}

/**
 * Runs `work` at once and then at most every `pause` ms while calls keep coming; the last call is
 * never lost, and no two runs overlap.
 */
export function throttled(work, pause) {
  let running = false;
  let wanted = false;
  const run = async () => {
    running = true;
    wanted = false;
    const began = performance.now();
    try {
      await work();
    } finally {
      const rest = Math.max(0, pause - (performance.now() - began));
      setTimeout(() => {
        running = false;
        if (wanted) run();
      }, rest);
    }
  };
  return () => {
    wanted = true;
    if (!running) run();
  };
}
