import { spawn } from 'node:child_process';
import { join } from 'node:path';

// What recording costs a training of ResNet-18: by a Python with torch and torchvision, and the package in python/.
declare const BENCH_FOLDER: string;

const script = join(BENCH_FOLDER, 'recorder.py');
const child = spawn(process.env['DEEPVIEW_PYTHON'] ?? 'python3', [script, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
child.on('exit', (code) => (process.exitCode = code ?? 1));
