#!/usr/bin/env node
// Read by every Node that the command is started with, so written for the oldest: one that lacks what the program is
// written in would end with a syntax error.
const [major, minor] = process.versions.node.split('.').map(Number);
const [neededMajor, neededMinor] = NEEDED_NODE.split('.').map(Number);
if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) void import('./main.js');
else {
  console.error(
    `deepview-tui: Node ${process.versions.node} is too old: it needs ${NEEDED_NODE} or newer (https://nodejs.org).`,
  );
  process.exitCode = 1;
}
