export { Board } from './board.ts';
export type { PasswordBy, SshManners } from './manners.ts';
export { fingerprintOf, freshKeyPair, type KeyPair } from './keys.ts';
export { MockSsh, type MockSshOptions, type SshCount, type SshUser } from './server.ts';
export type { Reply, Voice } from './voice.ts';
export { linuxNode, VOICE_NAMES, voiceNamed } from './voices/index.ts';
