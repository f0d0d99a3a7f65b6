// Operations on a platform as a test plays them: planned, approved, waited for, looked at again, taken back; and the story.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from './workbench.mjs';

/** `bench`: gives the workbench that runs now; `at`: the incident's path; `usual`: what every order holds unless it says otherwise. */
export function operationsOf(bench, at, usual) {
  const one = (id) => bench().call('GET', `${at}/operations/${id}`);
  const order = (platform, capability, more = {}) => ({ platform, capability, parameters: {}, reason: 'compte compromis', evidence: [], ...usual, ...more });
  const plan = (...all) => bench().call('POST', `${at}/operations`, order(...all), 201);
  const approve = (planned, more = planned.needs_two ? { break_glass: true, reason: 'seule de garde' } : {}) =>
    bench().call('POST', `${at}/operations/${planned.id}/approval`, more);
  const until = async (id, wanted) => {
    let seen;
    for (let i = 0; i < 600; i += 1) {
      seen = await one(id);
      if (wanted.includes(seen.state)) return seen;
      if (['failed', 'cancelled'].includes(seen.state)) break;
      await sleep(100);
    }
    throw new Error(`${seen.plan.capability} stays ${seen.state}: ${seen.error} ${JSON.stringify(seen.probes)}`);
  };
  const carry = async (...all) => {
    const planned = await plan(...all);
    await approve(planned);
    return until(planned.id, ['verified']);
  };
  const undo = async ({ id }, reason = 'doute levé') => {
    const back = await bench().call('POST', `${at}/operations/${id}/undo`, { reason }, 201);
    await approve(back);
    await until(back.id, ['verified']);
    return back;
  };
  /** Looked at again: trials later than this moment, all good. */
  const again = async (id) => {
    const asked = new Date().toISOString();
    await bench().call('POST', `${at}/operations/${id}/verification`, {}, 202);
    for (let i = 0; i < 300; i += 1) {
      const { probes } = await one(id);
      if (probes.length > 0 && probes.every((probe) => probe.at > asked)) return expect(probes.every((probe) => probe.good), JSON.stringify(probes));
      await sleep(100);
    }
    throw new Error(`${id} is not looked at again`);
  };
  /** All evidence read, and the story that it tells. */
  const analyse = async () => {
    const job = await bench().call('POST', `${at}/analyses`, {}, 202);
    for (let i = 0; i < 600; i += 1) {
      const [state] = (await bench().call('GET', `${at}/jobs`)).filter((other) => other.id === job.id);
      if (state.state === 'done') return (await bench().call('GET', `${at}/story`)).analysis;
      expect(state.state !== 'failed', state.error);
      await sleep(100);
    }
    throw new Error('the analysis does not end');
  };
  return { order, plan, approve, until, carry, undo, again, analyse };
}
