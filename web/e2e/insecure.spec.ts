// Plain HTTP away from localhost: the browser keeps the camera, and the page
// says so instead of leaving people before a button that does nothing.

import { expect, plan, test } from "./world";

const elsewhere = "interviews.example.org";

test("plain HTTP explains why the camera is blocked", async ({ host, open, errors }) => {
  const planned = await plan(host, "Noor Haddad");
  const { page } = await open("candidate", { flags: [`--host-resolver-rules=MAP ${elsewhere} 127.0.0.1`] });
  await page.goto(planned.link.replace("localhost", elsewhere));
  await expect(page.getByRole("heading", { name: /welcome/ })).toBeVisible();
  expect(await page.evaluate(() => window.isSecureContext)).toBe(false);
  await expect(page.getByRole("alert").filter({ hasText: "This address is not secure" }))
    .toContainText("only on a secure address. Open this page over https://");
  await expect(page.getByRole("button", { name: /turn on camera/i })).toBeDisabled();
  await expect(page.getByRole("checkbox", { name: "Join without camera and microphone" }), "a way on").toBeEnabled();
  // The browser notes here that it does without the header; that is the point.
  errors.splice(0, errors.length, ...errors.filter((e) => !e.includes("Cross-Origin-Opener-Policy header has been ignored")));
});
