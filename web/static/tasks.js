// Copies the fields of a task; without a script or a clipboard they are copied by hand.
const SAID_FOR = 2000; // milliseconds

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  const words = button.firstChild;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(field.textContent);
    words.textContent = "Copied";
    setTimeout(() => {
      words.textContent = "Copy";
    }, SAID_FOR);
  });
}
