/** One form's way to the server: one save at a time, and why the last one failed. What was typed is never touched. */
export class Saving {
  busy = $state(false);
  failure = $state.raw<unknown>(null);

  /** Handles a form's submit: `work` sends, and closes the form itself when all went well. */
  submit = (work: () => Promise<void>) => async (event: SubmitEvent) => {
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    this.failure = null;
    try {
      await work();
    } catch (error) {
      this.failure = error;
    } finally {
      this.busy = false;
    }
  };
}
