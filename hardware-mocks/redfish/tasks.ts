/** Orders that take a while: 202, a monitor to look at, an end. */
import type { MockClock } from '../clock.ts';
import type { RedfishManners } from './manners.ts';
import { failed, found, type MockReply } from './replies.ts';

const MONITORS = '/redfish/v1/TaskService/TaskMonitors';
const MAX_TASKS = 64;

interface Task {
  readonly id: string;
  ended: 'Completed' | 'Exception' | 'Killed' | undefined;
}

export class Tasks {
  readonly #clock: MockClock;
  readonly #tasks = new Map<string, Task>();
  #last = 0;

  constructor(clock: MockClock) {
    this.#clock = clock;
  }

  /** Begins a task that carries `run` out at its end, if it ends well. */
  begin(run: () => void, { taskMs = 300, taskEnds = 'Completed' }: RedfishManners): MockReply {
    this.#last += 1;
    const task: Task = { id: String(this.#last), ended: undefined };
    this.#tasks.set(task.id, task);
    if (this.#tasks.size > MAX_TASKS) this.#tasks.delete(this.#tasks.keys().next().value ?? '');
    if (taskMs !== 'never') {
      this.#clock.after(taskMs, () => {
        task.ended = taskEnds;
        if (taskEnds === 'Completed') run();
      });
    }
    return { ...this.#running(task), ordered: true };
  }

  /** What a monitor says now. */
  look(path: string): MockReply | undefined {
    const task = path.startsWith(`${MONITORS}/`) ? this.#tasks.get(path.slice(MONITORS.length + 1)) : undefined;
    if (task === undefined) return undefined;
    if (task.ended === undefined) return this.#running(task);
    const body = { ...this.#body(task), TaskState: task.ended, TaskStatus: task.ended === 'Completed' ? 'OK' : 'Critical' };
    if (task.ended === 'Exception') return { ...failed(500, 'The task ended with an exception.') };
    return found(body);
  }

  #running(task: Task): MockReply {
    return {
      status: 202,
      headers: { Location: `${MONITORS}/${task.id}`, 'Retry-After': '1' },
      body: { ...this.#body(task), TaskState: 'Running' },
    };
  }

  #body({ id }: Task): Record<string, string> {
    return {
      '@odata.id': `/redfish/v1/TaskService/Tasks/${id}`,
      '@odata.type': '#Task.v1_4_3.Task',
      Id: id,
      Name: `Task ${id}`,
      TaskMonitor: `${MONITORS}/${id}`,
    };
  }
}
