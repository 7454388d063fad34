// SPDX-License-Identifier: Apache-2.0
// The points that somebody picked, in one of the charts; null: all of them.

export class Selection {
    #listeners = [];
    points = null; // a Set of ids

    onChange(listener) {
        this.#listeners.push(listener);
    }

    /** `source` has shown it already, and is not told. */
    set(points, source) {
        this.points = points?.size ? points : null;
        for (const listener of this.#listeners) if (listener !== source) listener();
    }

    has(point) {
        return !this.points || this.points.has(point.id);
    }
}
