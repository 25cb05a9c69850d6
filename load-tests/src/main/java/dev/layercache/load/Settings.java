package dev.layercache.load;

import dev.layercache.load.server.RemoteReapi;
import dev.layercache.load.server.RemoteRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the command line says.
 *
 * @param root the checkout whose server is measured
 * @param workDirectory where servers store and data is made
 * @param quick everything small: shows that the bench works, not how fast anything is
 * @param runs of everything, interleaved
 * @param blobSize of large blobs, bytes; the suite's own when empty
 * @param atOnce how many large blobs move at once; the suite's own when empty
 * @param duration of each load of small requests
 * @param registries further ones
 * @param reapiServers further caches of the Remote Execution API
 * @param without variants that are left out
 * @param seed of all data
 * @param serverFlags further JVM flags of our server
 * @param recordings where recordings of our server by Java Flight Recorder go; none are made when
 *     empty
 */
public record Settings(
    Path root,
    Path workDirectory,
    boolean quick,
    int runs,
    OptionalLong blobSize,
    List<Integer> atOnce,
    Optional<Duration> duration,
    List<RemoteRegistry> registries,
    List<RemoteReapi> reapiServers,
    Set<String> without,
    long seed,
    List<String> serverFlags,
    Optional<Path> recordings) {

  /** {@code normal}, or {@code small} in a quick run. */
  public int count(int normal, int small) {
    return quick ? small : normal;
  }

  /** As the command line says; else {@code normal}, or {@code small} in a quick run. */
  public long blobSize(long normal, long small) {
    return blobSize.orElse(quick ? small : normal);
  }

  /** As the command line says, or {@code normal}. */
  public List<Integer> atOnce(List<Integer> normal) {
    return atOnce.isEmpty() ? normal : atOnce;
  }

  /** How long each load of small requests lasts. */
  public Duration loadDuration() {
    return loadDuration(Duration.ofSeconds(3));
  }

  /** The same where a suite needs another duration. */
  public Duration loadDuration(Duration normal) {
    return duration.orElse(quick ? Duration.ofMillis(500) : normal);
  }
}
