package dev.layercache.load.retention;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What the images of a build fleet look like over a month, and who pulls which when; all of it
 * follows from a seed. Repositories share base images that are rebuilt daily; branches are built,
 * pulled a few times and forgotten; popularity is Zipf's.
 */
final class CiMonth {
  static final Duration LENGTH = Duration.ofDays(30);

  private static final int REPOSITORIES = 200;
  private static final int BASES = 12;
  private static final int DEPENDENCY_DAYS = 4;
  private static final int BRANCHES = 6;
  private static final int BUILDS_A_DAY = 12;

  private final List<Image> images = new ArrayList<>();
  private final List<Long> sizes = new ArrayList<>();

  /** Pulls in order, as indexes of images. */
  private final int[] pulls;

  /**
   * An image.
   *
   * @param repository it is pushed to
   * @param tag it is pushed under
   * @param blobs indexes of its configuration and layers
   */
  record Image(String repository, String tag, int[] blobs) {}

  /**
   * @param requests for blobs and manifests in all, about
   */
  CiMonth(long seed, long requests) {
    var random = new Random(seed);
    var zipf = zipf();
    long perDay = requests / LENGTH.toDays();
    var found = new java.util.stream.IntStream.Builder[] {java.util.stream.IntStream.builder()};
    int[][] bases = new int[BASES][];
    int[][] dependencies = new int[REPOSITORIES][];
    int[][] recent = new int[REPOSITORIES][BRANCHES];
    for (int day = 0; day < LENGTH.toDays(); day++) {
      for (int base = 0; base < BASES; base++) {
        if (day == 0 || random.nextInt(3) == 0) {
          bases[base] = new int[] {blob(random, 30), blob(random, 60), blob(random, 5)};
        }
      }
      long made = 0;
      for (int slot = 0; slot < BUILDS_A_DAY; slot++) {
        for (int repository = 0; repository < REPOSITORIES; repository++) {
          if (day == 0 && slot == 0 || random.nextInt(DEPENDENCY_DAYS * BUILDS_A_DAY) == 0) {
            dependencies[repository] = new int[] {blob(random, 80), blob(random, 20)};
          }
          boolean first = day == 0 && slot == 0;
          int branch = random.nextInt(BRANCHES);
          int image =
              image(
                  random, repository, branch, bases[repository % BASES], dependencies[repository]);
          if (first) {
            java.util.Arrays.fill(recent[repository], image);
          }
          recent[repository][branch] = image;
        }
        long until = perDay * (slot + 1) / BUILDS_A_DAY;
        while (made < until) {
          int repository = pick(zipf, random);
          // Branch 0 is the main one: most pulls are of it.
          int branch = random.nextInt(10) < 7 ? 0 : random.nextInt(BRANCHES);
          int image = recent[repository][branch];
          found[0].add(image);
          made += images.get(image).blobs().length + 1;
        }
      }
    }
    pulls = found[0].build().toArray();
  }

  int[] pulls() {
    return pulls;
  }

  Image image(int index) {
    return images.get(index);
  }

  int images() {
    return images.size();
  }

  int blobs() {
    return sizes.size();
  }

  /** Bytes of a blob. */
  long size(int blob) {
    return sizes.get(blob);
  }

  long bytes() {
    return sizes.stream().mapToLong(Long::longValue).sum();
  }

  /** How far into the month a pull is. */
  Duration at(int pull) {
    return LENGTH.multipliedBy(pull).dividedBy(pulls.length);
  }

  private int image(Random random, int repository, int branch, int[] base, int[] dependencies) {
    int[] blobs = new int[base.length + dependencies.length + 3];
    blobs[0] = add(4_000);
    System.arraycopy(base, 0, blobs, 1, base.length);
    System.arraycopy(dependencies, 0, blobs, 1 + base.length, dependencies.length);
    blobs[blobs.length - 2] = blob(random, 3);
    blobs[blobs.length - 1] = blob(random, 8);
    images.add(new Image("ci/r" + repository, "b" + branch, blobs));
    return images.size() - 1;
  }

  /** A layer of about that many MiB. */
  private int blob(Random random, int mebibytes) {
    double factor = Math.exp(random.nextGaussian() * 0.7);
    return add((long) (mebibytes * factor * (1 << 20)) + 1_000);
  }

  private int add(long bytes) {
    sizes.add(bytes);
    return sizes.size() - 1;
  }

  private static double[] zipf() {
    double[] cumulative = new double[REPOSITORIES];
    double sum = 0;
    for (int i = 0; i < REPOSITORIES; i++) {
      sum += 1.0 / Math.pow(i + 1, 1.05);
      cumulative[i] = sum;
    }
    return cumulative;
  }

  private static int pick(double[] cumulative, Random random) {
    double at = random.nextDouble() * cumulative[cumulative.length - 1];
    int found = java.util.Arrays.binarySearch(cumulative, at);
    return Math.min(cumulative.length - 1, found < 0 ? -found - 1 : found);
  }
}
