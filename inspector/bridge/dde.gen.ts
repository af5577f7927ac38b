// SPDX-License-Identifier: MIT
// Generated from dde.pdl by npm run gen.

/** A PCI device. */
export interface Device {
  /** 0000:00:04.0 */
  readonly bdf: string;
  /** Hexadecimal, 8086:10d3 */
  readonly id: string;
  /** The driver that is bound to it. */
  readonly driver?: string;
  /** First interrupt of the device. */
  readonly irq: number;
}

/** An interrupt with a handler. */
export interface Interrupt {
  readonly irq: number;
  /** As in /proc/interrupts. */
  readonly name: string;
  readonly count: number;
  /** Nested disable_irq() calls; 0 when it is enabled. */
  readonly disabledDepth: number;
}

/** A NAPI context. */
export interface Napi {
  readonly netdev: string;
  /** Address of the struct napi_struct. */
  readonly address: string;
  /** Budget of one poll. */
  readonly weight: number;
  /** Name of the poll function. */
  readonly poll: string;
  readonly scheduled: boolean;
}

/** A kernel thread. */
export interface Thread {
  /** gdb's number. */
  readonly id: number;
  /** Thread id on the host. */
  readonly tid: number;
  readonly name: string;
  /** It has the virtual CPU: the others stand still. */
  readonly running: boolean;
  /** The function of the kernel that it waits in. */
  readonly waitChannel?: string;
}

/** A named register of the device, as far as the driver's source tells. */
export interface Register {
  readonly name: string;
  /** Bytes from the start of the register window. */
  readonly offset: number;
}

/** Whether the driver and its device stand still. */
export interface World {
  readonly paused: boolean;
  /** How the device is stopped with the driver. */
  readonly device: string;
  /** Milliseconds of the pause that lasts. */
  readonly pausedMs: number;
}

export interface GetDevicesResponse {
  readonly devices: readonly Device[];
}

export interface GetInterruptsResponse {
  readonly interrupts: readonly Interrupt[];
}

export interface GetNapiResponse {
  readonly napi: readonly Napi[];
}

/** Only while the driver is paused. */
export interface GetThreadsResponse {
  readonly threads: readonly Thread[];
}

export interface GetRegistersResponse {
  readonly registers: readonly Register[];
}

export interface GetWorldResponse {
  readonly world: World;
}

/** Pauses at the entry of a function, also of a static one; Debugger.removeBreakpoint takes the id. */
export interface SetFunctionBreakpointRequest {
  readonly functionName: string;
}

/** Pauses at the entry of a function, also of a static one; Debugger.removeBreakpoint takes the id. */
export interface SetFunctionBreakpointResponse {
  readonly breakpointId: string;
}

/** The last lines of the kernel's log. */
export interface GetLogRequest {
  readonly lines?: number;
}

/** The last lines of the kernel's log. */
export interface GetLogResponse {
  readonly lines: readonly string[];
}

/** For /json/protocol. */
export const PROTOCOL = {
  "domain": "DDE",
  "description": "A Linux driver that runs as a process: what the kernel knows of its devices, interrupts and threads.",
  "types": [
    {
      "id": "Device",
      "description": "A PCI device.",
      "type": "object",
      "properties": [
        {
          "name": "bdf",
          "description": "0000:00:04.0",
          "type": "string"
        },
        {
          "name": "id",
          "description": "Hexadecimal, 8086:10d3",
          "type": "string"
        },
        {
          "name": "driver",
          "description": "The driver that is bound to it.",
          "type": "string",
          "optional": true
        },
        {
          "name": "irq",
          "description": "First interrupt of the device.",
          "type": "integer"
        }
      ]
    },
    {
      "id": "Interrupt",
      "description": "An interrupt with a handler.",
      "type": "object",
      "properties": [
        {
          "name": "irq",
          "type": "integer"
        },
        {
          "name": "name",
          "description": "As in /proc/interrupts.",
          "type": "string"
        },
        {
          "name": "count",
          "type": "integer"
        },
        {
          "name": "disabledDepth",
          "description": "Nested disable_irq() calls; 0 when it is enabled.",
          "type": "integer"
        }
      ]
    },
    {
      "id": "Napi",
      "description": "A NAPI context.",
      "type": "object",
      "properties": [
        {
          "name": "netdev",
          "type": "string"
        },
        {
          "name": "address",
          "description": "Address of the struct napi_struct.",
          "type": "string"
        },
        {
          "name": "weight",
          "description": "Budget of one poll.",
          "type": "integer"
        },
        {
          "name": "poll",
          "description": "Name of the poll function.",
          "type": "string"
        },
        {
          "name": "scheduled",
          "type": "boolean"
        }
      ]
    },
    {
      "id": "Thread",
      "description": "A kernel thread.",
      "type": "object",
      "properties": [
        {
          "name": "id",
          "description": "gdb's number.",
          "type": "integer"
        },
        {
          "name": "tid",
          "description": "Thread id on the host.",
          "type": "integer"
        },
        {
          "name": "name",
          "type": "string"
        },
        {
          "name": "running",
          "description": "It has the virtual CPU: the others stand still.",
          "type": "boolean"
        },
        {
          "name": "waitChannel",
          "description": "The function of the kernel that it waits in.",
          "type": "string",
          "optional": true
        }
      ]
    },
    {
      "id": "Register",
      "description": "A named register of the device, as far as the driver's source tells.",
      "type": "object",
      "properties": [
        {
          "name": "name",
          "type": "string"
        },
        {
          "name": "offset",
          "description": "Bytes from the start of the register window.",
          "type": "integer"
        }
      ]
    },
    {
      "id": "World",
      "description": "Whether the driver and its device stand still.",
      "type": "object",
      "properties": [
        {
          "name": "paused",
          "type": "boolean"
        },
        {
          "name": "device",
          "description": "How the device is stopped with the driver.",
          "type": "string"
        },
        {
          "name": "pausedMs",
          "description": "Milliseconds of the pause that lasts.",
          "type": "number"
        }
      ]
    }
  ],
  "commands": [
    {
      "name": "getDevices",
      "returns": [
        {
          "name": "devices",
          "type": "array",
          "items": {
            "$ref": "Device"
          }
        }
      ]
    },
    {
      "name": "getInterrupts",
      "returns": [
        {
          "name": "interrupts",
          "type": "array",
          "items": {
            "$ref": "Interrupt"
          }
        }
      ]
    },
    {
      "name": "getNapi",
      "returns": [
        {
          "name": "napi",
          "type": "array",
          "items": {
            "$ref": "Napi"
          }
        }
      ]
    },
    {
      "name": "getThreads",
      "description": "Only while the driver is paused.",
      "returns": [
        {
          "name": "threads",
          "type": "array",
          "items": {
            "$ref": "Thread"
          }
        }
      ]
    },
    {
      "name": "getRegisters",
      "returns": [
        {
          "name": "registers",
          "type": "array",
          "items": {
            "$ref": "Register"
          }
        }
      ]
    },
    {
      "name": "getWorld",
      "returns": [
        {
          "name": "world",
          "$ref": "World"
        }
      ]
    },
    {
      "name": "setFunctionBreakpoint",
      "description": "Pauses at the entry of a function, also of a static one; Debugger.removeBreakpoint takes the id.",
      "parameters": [
        {
          "name": "functionName",
          "type": "string"
        }
      ],
      "returns": [
        {
          "name": "breakpointId",
          "type": "string"
        }
      ]
    },
    {
      "name": "getLog",
      "description": "The last lines of the kernel's log.",
      "parameters": [
        {
          "name": "lines",
          "type": "integer",
          "optional": true
        }
      ],
      "returns": [
        {
          "name": "lines",
          "type": "array",
          "items": {
            "type": "string"
          }
        }
      ]
    }
  ],
  "events": []
} as const;
