// The direction of dependencies between rooms, as data: what each room may import besides itself. The lint rule and
// its test read it. Data flows data -> training -> probe -> metrics -> run -> views; arrows never turn back.

/** Files outside all rooms: every room may use them, and they use no room. */
const shared = 'src/engine/base';

/** Room -> rooms that it may import. */
export const rooms = {
  'src/engine/transfer': [],
  'src/engine/arrays': [],
  'src/engine/kernels': [],
  'src/engine/backend': ['src/engine/transfer'],
  'src/engine/network': ['src/engine/arrays', 'src/engine/backend'],
  'src/engine/data': ['src/engine/arrays', 'src/engine/transfer'],
  'src/engine/metrics': ['src/engine/kernels'],
  'src/engine/analysis': [
    'src/engine/arrays',
    'src/engine/data',
    'src/engine/kernels',
    'src/engine/metrics',
    'src/engine/network',
    'src/engine/run',
  ],
  'src/engine/probe': ['src/engine/backend', 'src/engine/network', 'src/engine/data', 'src/engine/metrics'],
  'src/engine/run': ['src/engine/arrays', 'src/engine/metrics', 'src/engine/network'],
  'src/engine/findings': ['src/engine/metrics', 'src/engine/run'],
  'src/engine/training': [
    'src/engine/analysis',
    'src/engine/arrays',
    'src/engine/backend',
    'src/engine/data',
    'src/engine/kernels',
    'src/engine/metrics',
    'src/engine/network',
    'src/engine/probe',
    'src/engine/run',
    'src/engine/transfer',
  ],
  'src/imaging': [],
  'src/views': [
    'src/imaging',
    'src/engine/run',
    'src/engine/training',
    'src/engine/metrics',
    'src/engine/analysis',
    'src/engine/findings',
  ],
  'src/commands': ['src/engine', 'src/imaging', 'src/views'],
  'src/cli': ['src/engine', 'src/commands'],
};

/** All that pictures may know of the engine. */
const imagingMayUse = ['src/engine/base/errors.ts', 'src/engine/base/limits.ts', 'src/engine/base/printable.ts'];

const folders = Object.keys(rooms);

/** The table as zones of import-x/no-restricted-paths. */
export function roomZones() {
  const zones = folders.map((room) => {
    const may = rooms[room];
    const refused = folders.filter(
      (other) => other !== room && !may.some((allowed) => other === allowed || other.startsWith(`${allowed}/`)),
    );
    return {
      target: `./${room}`,
      from: [...refused, 'src/main.ts'].map((path) => `./${path}`),
      message: `${room} may import from ${may.length > 0 ? may.join(', ') : 'no other room'} (scripts/rooms.mjs).`,
    };
  });
  return [
    ...zones,
    {
      target: './src/imaging',
      from: './src/engine',
      except: imagingMayUse.map((path) => path.replace('src/engine/', './')),
      message: `src/imaging may use only ${imagingMayUse.join(', ')} of the engine (scripts/rooms.mjs).`,
    },
    {
      target: `./${shared}`,
      from: folders.map((path) => `./${path}`),
      message: `${shared} belong to every room and use none (scripts/rooms.mjs).`,
    },
  ];
}
