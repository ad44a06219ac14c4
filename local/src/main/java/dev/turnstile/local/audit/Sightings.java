package dev.turnstile.local.audit;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The observations of one snapshot of the moving parts. On a working system a single snapshot sees work in progress;
 * an observation that every snapshot repeats in the very same state is stuck.
 */
final class Sightings {

    private record Sighting(Check check, String key) {}

    private final Map<Sighting, Finding> suspect = new LinkedHashMap<>();
    private final Map<Sighting, Finding> certain = new LinkedHashMap<>();
    private final Map<Check, Long> checked = new EnumMap<>(Check.class);

    /** Counts things that a check looked at. */
    void checked(Check check, long count) {
        checked.merge(check, count, Long::sum);
    }

    /**
     * Notes something that is a violation if it stays.
     *
     * @param key names the thing and the state it is in
     */
    void saw(Check check, String key, Finding finding) {
        suspect.put(new Sighting(check, key), finding);
    }

    /** Notes something that is a violation however long it lasts. */
    void sawForCertain(Check check, String key, Finding finding) {
        certain.put(new Sighting(check, key), finding);
    }

    /** Whether another look is needed. */
    boolean hasSuspects() {
        return !suspect.isEmpty();
    }

    /** Drops what a later look did not see again. */
    void confirmBy(Sightings later) {
        suspect.keySet().retainAll(later.suspect.keySet());
        later.certain.forEach(certain::putIfAbsent);
    }

    /** Hands on what was seen, with what the first look counted. */
    void into(Findings findings) {
        checked.forEach(findings::checked);
        certain.forEach((sighting, finding) -> findings.violated(sighting.check(), finding));
        suspect.forEach((sighting, finding) -> findings.violated(sighting.check(), finding));
    }
}
