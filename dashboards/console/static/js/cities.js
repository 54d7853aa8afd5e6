// The cities there are, at the start of a page.

import { ask } from "./api.js";
import { trouble } from "./live.js";
import { chosen } from "./view.js";

/** Until a first city is in the store there is nothing to choose: ask again. */
export async function firstCities() {
  for (;;) {
    try {
      const cities = await ask("cities");
      if (cities.length) return cities;
    } catch (error) {
      trouble(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** The code of the city chosen before, if it is among them, or of the first. */
export function wantedCity(cities) {
  return (cities.find((city) => city.city === chosen.city) || cities[0]).city;
}
