package dev.layercache.load.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Reads from {@code /proc} what a process and its children use (proc(5)). CPU time has a resolution
 * of 10 ms. Children that ended are not counted: servers here keep theirs.
 */
public final class ProcessMeter {
  /** USER_HZ, the unit of times in {@code /proc/PID/stat}; the same on every Linux of today. */
  private static final double TICKS_PER_SECOND = 100;

  private final ProcessHandle process;

  public ProcessMeter(ProcessHandle process) {
    this.process = process;
  }

  /**
   * Forgets the peak of resident memory seen so far. Where the kernel does not let us, the peak is
   * that since the process's start.
   */
  public void resetPeak() {
    for (var directory : directories()) {
      try {
        Files.writeString(directory.resolve("clear_refs"), "5");
      } catch (IOException e) {
        // Documented above: the peak then covers more than it might.
      }
    }
  }

  /**
   * Since the process started, except for the peak.
   *
   * @throws IOException if the process is gone
   */
  public Usage now() throws IOException {
    var total = new Usage(0, 0, 0);
    for (var directory : directories()) {
      try {
        total = total.plus(of(directory));
      } catch (NoSuchFileException e) {
        if (!process.isAlive()) {
          throw new IOException("process %d is gone".formatted(process.pid()), e);
        }
      }
    }
    return total;
  }

  private List<Path> directories() {
    return Stream.concat(Stream.of(process), process.descendants())
        .map(one -> Path.of("/proc", Long.toString(one.pid())))
        .toList();
  }

  private static Usage of(Path directory) throws IOException {
    return new Usage(
        cpuSeconds(Files.readString(directory.resolve("stat"))),
        field(Files.readAllLines(directory.resolve("io")), "write_bytes:"),
        field(Files.readAllLines(directory.resolve("status")), "VmHWM:") << 10);
  }

  /** The name of the program, in parentheses, may contain anything: the fields are those behind. */
  static double cpuSeconds(String stat) {
    var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }

  static long field(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(name.length()).trim().split(" ")[0])
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElse(0);
  }
}
