// The page's first script, small so that it runs at once: a candidate who
// reloads in mid-call is back in the room while the rest is still loading.

import { closeEarly, openEarly } from "./hooks/openCall";

async function draw(): Promise<void> {
  await openEarly(window.location); // drawing costs the processor time that connecting needs
  if (window.location.pathname === "/join") void import("./pages/Join").catch(() => undefined); // main.tsx tells of failures
  await import("./main");
}

draw().catch((err: unknown) => {
  closeEarly(); // nobody could see it or switch it off
  const text = document.createElement("p");
  text.textContent = "The page could not be loaded. Check the connection and reload it.";
  document.getElementById("root")?.replaceChildren(text);
  throw err;
});
