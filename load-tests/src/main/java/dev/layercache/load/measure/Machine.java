package dev.layercache.load.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The machine that a report was made on.
 *
 * @param memoryBytes in all
 * @param loadBefore the load average of one minute when the bench began: what else was running
 */
public record Machine(
    int cores,
    String cpu,
    long memoryBytes,
    String kernel,
    String jdk,
    String fileSystem,
    double loadBefore) {

  /** This one; what cannot be found out is "unknown". */
  public static Machine describe(Path workDirectory) {
    return new Machine(
        Runtime.getRuntime().availableProcessors(),
        cpuModel(lines("/proc/cpuinfo")),
        ProcessMeter.field(lines("/proc/meminfo"), "MemTotal:") << 10,
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vendor") + " " + System.getProperty("java.runtime.version"),
        fileSystemOf(workDirectory),
        lines("/proc/loadavg").stream()
            .findFirst()
            .map(line -> Double.parseDouble(line.split(" ")[0]))
            .orElse(0.0));
  }

  /** In one line. */
  @Override
  public String toString() {
    return "%d cores of %s, %d GiB of memory, %s, %s, %s, load %.2f before"
        .formatted(cores, cpu, memoryBytes >> 30, kernel, fileSystem, jdk, loadBefore);
  }

  static String cpuModel(List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).trim())
        .findFirst()
        .orElse("unknown CPU");
  }

  private static String fileSystemOf(Path directory) {
    try {
      return Files.getFileStore(directory).type();
    } catch (IOException e) {
      return "unknown file system";
    }
  }

  private static List<String> lines(String file) {
    try {
      return Files.readAllLines(Path.of(file));
    } catch (IOException e) {
      return List.of();
    }
  }
}
