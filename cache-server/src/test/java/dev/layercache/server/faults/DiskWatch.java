package dev.layercache.server.faults;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Looks all the time at what a data directory takes on disk: allocated bytes as du(1) counts them,
 * a file with two names once. One process, {@code find} in a loop; {@link #close} ends it.
 */
public final class DiskWatch implements AutoCloseable {
  private static final String LOOP =
      "while find \"$1\" -printf '%i %b %P\\n' 2>/dev/null; [ $? -le 1 ]; do echo --; sleep 0.05; done";

  private static final int BLOCK = 512;

  private final Process process;
  private final Thread reader;
  private long most;
  private Map<String, Long> mostByKind = Map.of();
  private long looks;

  private DiskWatch(Process process) {
    this.process = process;
    this.reader = Thread.ofVirtual().start(this::read);
  }

  /** Begins to look at a directory, which may not be there yet. */
  public static DiskWatch of(Path directory) throws IOException {
    return new DiskWatch(
        new ProcessBuilder("sh", "-c", LOOP, "disk-watch", directory.toString()).start());
  }

  /** The most that was seen. */
  public synchronized long most() {
    return most;
  }

  /** What it consisted of. */
  public synchronized Map<String, Long> mostByKind() {
    return mostByKind;
  }

  /** How often it looked. */
  public synchronized long looks() {
    return looks;
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor(30, TimeUnit.SECONDS);
      reader.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    try (var lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      Set<String> seen = new HashSet<>();
      var kinds = new TreeMap<String, Long>();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals("--")) {
          looked(kinds);
          kinds = new TreeMap<>();
          seen.clear();
        } else {
          String[] parts = line.split(" ", 3);
          if (seen.add(parts[0])) {
            kinds.merge(kind(parts[2]), Long.parseLong(parts[1]) * BLOCK, Long::sum);
          }
        }
      }
    } catch (IOException e) {
      // It was ended.
    }
  }

  private synchronized void looked(Map<String, Long> kinds) {
    looks++;
    long bytes = kinds.values().stream().mapToLong(Long::longValue).sum();
    if (bytes > most) {
      most = bytes;
      mostByKind = kinds;
    }
  }

  private static String kind(String path) {
    if (path.startsWith("staging/") || path.startsWith("native/")) {
      return path.substring(0, path.indexOf('/'));
    }
    String name = path.substring(path.lastIndexOf('/') + 1);
    return name.replaceAll("^(\\d+|MANIFEST|OPTIONS|LOG)\\b.*?(\\.(sst|blob|log))?$", "$1$2")
        .replaceAll("^\\d+\\.", "*.");
  }
}
