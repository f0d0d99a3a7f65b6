/** What an establishment adds to the playbook, as docs/api.md tells it. */
import { call, downloadBase } from './api';
import { language } from './i18n.svelte';
import type { Localized } from './types';

export interface OwnStep {
  text: string;
  owner: string;
  platform: string;
}

export interface OwnContact {
  name: string;
  phone: string;
  mail: string;
  note: string;
}

export interface OverlayAction {
  action: string;
  not_applicable?: string;
  before: OwnStep[];
  after: OwnStep[];
  contacts: OwnContact[];
}

export interface Overlay {
  schema: 'digue.overlay/1';
  platforms: string[];
  actions: OverlayAction[];
}

/** Of an establishment that an incident concerns. */
export interface EntityOverlay extends Overlay {
  establishment: string;
  name: string;
}

export interface Platform {
  id: string;
  name: string;
  about: Localized;
}

const of = (establishment: string) => `/establishments/${encodeURIComponent(establishment)}`;

export const overlayApi = {
  platforms: () => call<Platform[]>('GET', '/platforms'),
  read: (establishment: string) => call<Overlay>('GET', `${of(establishment)}/overlay`),
  save: (establishment: string, overlay: Overlay) => call<Overlay>('PUT', `${of(establishment)}/overlay`, overlay),
  take: (establishment: string, yaml: string, file: string) => call<Overlay>('PUT', `${of(establishment)}/overlay`, { yaml, file }),
  ofIncident: (incident: string) => call<EntityOverlay[]>('GET', `/incidents/${encodeURIComponent(incident)}/overlays`),
  fileUrl: (establishment: string) => `${downloadBase}${of(establishment)}/overlay.yaml`,
  /** Without establishment: everybody's card. */
  cardUrl: (establishment: string, format: 'html' | 'pdf') =>
    `${downloadBase}${establishment ? of(establishment) : ''}/card.${format}?lang=${language()}`,
};
