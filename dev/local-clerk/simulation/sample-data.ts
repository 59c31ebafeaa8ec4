// Invented users and organizations. Each is derived from the seed and its index (`position`), so a repeated run creates the same
// users and organizations.

import { seededRandom } from "../random";

const firstNames =
  "Aisha Alejandro Amélie Anders Asha Beatriz Björn Bruno Camille Carlos Chiara Chloé Daniel David Deepa Dmitri Elena Élodie Emeka Emma Farid Fatima Felix Freya Gabriela Giulia Grace Grete Hana Hassan Helena Hiroshi Ibrahim Ingrid Ioana Ivan Jakub James Jana Jonas Kaito Karolina Kenji Khadija Lars Laura Leila Liam Lina Lucía Magnus Malik Mara Marco Maria Mateo Mei Mia Miguel Mina Nadia Nathan Ngozi Nia Niklas Nina Noah Noor Olga Oliver Omar Oscar Paolo Petra Pilar Priya Rafael Rania Ravi Rosa Samuel Sana Sara Sofía Stefan Sven Tariq Tereza Thandi Thomas Tuan Uma Valentina Victor Wei Yara Yasmin Yuki Zara Zeynep".split(
    " ",
  );

const lastNames =
  "Abbas Achebe Aguilar Ahmed Almeida Andersson Arslan Baptiste Barros Bauer Becker Bergström Bianchi Brown Castillo Çelik Chen Clarke Costa Dahl Demir Diaz Dubois Dvořák Eze Fernández Ferrari Fischer Fontaine Fofana García Gonzales Gruber Gupta Haddad Hansen Hernández Hoffmann Horvat Huang Ibrahim Ito Ivanova Jansen Jensen Johansson Kamau Kaplan Keller Khan Kim Kowalski Kumar Lange Larsen Laurent Lee Lindberg López Maier Marino Martín Mendes Meyer Mohamed Moreau Mori Müller Nakamura Nguyễn Nielsen Novak Nowak Nwosu Okafor Oliveira Osei Papadopoulos Park Patel Pereira Petrov Popescu Ramos Rossi Ruiz Sato Schneider Sharma Silva Singh Smith Tanaka Torres Tran Vargas Virtanen Vogel Walker Weber Wójcik Yamamoto Yilmaz Zhang Zielińska".split(
    " ",
  );

const qualifiers =
  "Amber Blue Bright Cedar Copper Coastal Eastern Evergreen First Golden Granite Green Harbour Hidden Hill Ivory Juniper Lantern Little Lunar Maple Meadow Northern Oak Open Orchard Pine Quiet Red River Silver Southern Stone Summit Upper Valley Western White Wild Willow".split(
    " ",
  );

const trades =
  "Analytics Architects Bakery Books Bicycles Ceramics Clinic Coffee Collective Consulting Design Dental Energy Engineering Events Farms Films Finance Foods Foundation Games Gardens Health Interiors Kitchen Labs Legal Logistics Media Music Optics Outdoors Press Property Robotics School Software Studio Supply Textiles Theatre Travel Ventures Works".split(
    " ",
  );

const emailDomains = ["example.com", "example.net", "example.org"] as const;
const cities = [
  "Accra",
  "Berlin",
  "Bogotá",
  "Lagos",
  "Lisbon",
  "London",
  "Oslo",
  "Seoul",
  "Toronto",
];

/**
 * The distance between the starting numbers of two consecutive seeds, so that their random numbers differ. The distance is a
 * prime above 10^9, far more than the number of users and organizations of one seed.
 */
const positionsPerSeed = 1_000_000_007;

/** The random choices for one user or organization. Their order matters: each call consumes random numbers. */
export class SampleChoices {
  readonly #random: () => number;

  constructor(seed: number, position: number) {
    this.#random = seededRandom(seed * positionsPerSeed + position);
  }

  isTrue(share: number): boolean {
    return this.#random() < share;
  }

  /**
   * Returns a random time in milliseconds, from `from` to just before `to`. `towardsEnd` above 1 makes later times more likely.
   */
  between(from: number, to: number, towardsEnd = 1): number {
    return Math.floor(from + (to - from) * this.#random() ** (1 / towardsEnd));
  }

  of(list: readonly string[]): string {
    return list[this.between(0, list.length)] ?? "";
  }
}

type SampleUser = {
  firstName: string;
  lastName: string;
  emailAddress: string;
  city: string;
  plan: "free" | "pro" | "enterprise";
};

export function sampleUser(choices: SampleChoices, seed: number, position: number): SampleUser {
  const [firstName, lastName] = [choices.of(firstNames), choices.of(lastNames)];
  const number = seed === 1 ? `${position + 1}` : `${seed}-${position + 1}`;
  const local = `${asciiOf(firstName)}.${asciiOf(lastName)}.${number}`;
  const plan = choices.isTrue(0.15) ? (choices.isTrue(0.2) ? "enterprise" : "pro") : "free";
  return {
    firstName,
    lastName,
    emailAddress: `${local}@${choices.of(emailDomains)}`,
    city: choices.of(cities),
    plan,
  };
}

export function sampleOrganization(
  choices: SampleChoices,
  seed: number,
  position: number,
): { name: string; slug: string } {
  const name = `${choices.of(qualifiers)} ${choices.of(trades)}`;
  const number = seed === 1 ? `${position + 1}` : `${seed}-${position + 1}`;
  return { name, slug: `${asciiOf(name)}-${number}` };
}

/** Converts a name to lower case without accents, for addresses and slugs. */
function asciiOf(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z]+/g, "-");
}
