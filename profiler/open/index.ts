// SPDX-License-Identifier: MIT
export { type OpenOptions, openProfile } from './open-profile.js';
export { type ProfileServer, type ServedProfile, serveProfiles, speedscopeRoot } from './server.js';
