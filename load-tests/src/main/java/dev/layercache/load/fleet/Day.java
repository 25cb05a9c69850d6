package dev.layercache.load.fleet;

import dev.layercache.load.data.Blob;
import dev.layercache.load.data.BlobFactory;
import dev.layercache.load.fleet.Image.Base;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * What a fleet does in a day, the same for every server: rounds in which each machine builds one
 * application. Halfway the base images get an update of their top layer.
 *
 * <p>A base has layers of 24, 6 and 2 units, a framework has 8, an application 1; a unit is 1 MiB
 * unless told otherwise. Frameworks are built reproducibly: each machine gets the same layer.
 */
public final class Day {
  /** Of a whole image, without its configuration. */
  public static final int IMAGE_UNITS = 41;

  public static final int APPLICATIONS = 12;

  public static final int BASES = 3;
  private static final int FRAMEWORKS = 3;
  private static final int[] BASE_UNITS = {24, 6, 2};
  private static final int FRAMEWORK_UNITS = 8;
  private static final int CONFIG_BYTES = 2 << 10;

  private final List<List<Base>> basesOverTime;
  private final List<List<Job>> rounds;

  /**
   * @param unit bytes, a multiple of 8
   */
  public Day(BlobFactory blobs, int machines, int jobsEach, long unit) {
    var before = IntStream.range(0, BASES).mapToObj(i -> base(blobs, i, unit)).toList();
    var after = before.stream().map(base -> updated(blobs, base, unit)).toList();
    this.basesOverTime = List.of(before, after);
    var frameworks = blobs.make(FRAMEWORKS, FRAMEWORK_UNITS * unit);
    var random = new Random(machines);
    var newest = new HashMap<Integer, Image>();
    this.rounds = new ArrayList<>();
    for (int round = 0; round < jobsEach; round++) {
      var bases = 2 * round < jobsEach ? before : after;
      rounds.add(round(blobs, random, machines, bases, frameworks, unit, newest));
    }
  }

  private static List<Job> round(
      BlobFactory blobs,
      Random random,
      int machines,
      List<Base> bases,
      List<Blob> frameworks,
      long unit,
      Map<Integer, Image> newest) {
    var jobs = new ArrayList<Job>();
    var built = new HashMap<Integer, Image>();
    for (int machine = 0; machine < machines; machine++) {
      int application = random.nextInt(APPLICATIONS);
      var image =
          new Image(
              "fleet/app-" + application,
              bases.get(application % BASES),
              blobs.make(CONFIG_BYTES),
              List.of(frameworks.get(application % FRAMEWORKS), blobs.make(unit)));
      jobs.add(new Job(machine, Optional.ofNullable(newest.get(application)), image));
      built.put(application, image);
    }
    newest.putAll(built);
    return jobs;
  }

  private static Base base(BlobFactory blobs, int index, long unit) {
    var layers = IntStream.of(BASE_UNITS).mapToObj(units -> blobs.make(units * unit)).toList();
    return new Base("fleet/base-" + index, "v1", blobs.make(CONFIG_BYTES), layers);
  }

  private static Base updated(BlobFactory blobs, Base base, long unit) {
    var layers = new ArrayList<>(base.layers());
    layers.set(layers.size() - 1, blobs.make(BASE_UNITS[BASE_UNITS.length - 1] * unit));
    return new Base(base.repository(), "v2", blobs.make(CONFIG_BYTES), List.copyOf(layers));
  }

  /** Before and after the update: everything that is upstream when the day begins. */
  List<Base> bases() {
    return basesOverTime.stream().flatMap(List::stream).toList();
  }

  /** Jobs of a round run at once; a round begins when the one before has ended. */
  public List<List<Job>> rounds() {
    return rounds;
  }
}
