package dev.layercache.load.measure;

/**
 * What a server process has used.
 *
 * @param cpuSeconds user and system time of all its threads and child processes
 * @param writtenBytes what it caused to be written to disk
 * @param peakResidentBytes the most that was resident
 */
public record Usage(double cpuSeconds, long writtenBytes, long peakResidentBytes) {

  /** What was used after {@code earlier}; the peak is that of the end. */
  public Usage since(Usage earlier) {
    return new Usage(
        cpuSeconds - earlier.cpuSeconds, writtenBytes - earlier.writtenBytes, peakResidentBytes);
  }

  Usage plus(Usage other) {
    return new Usage(
        cpuSeconds + other.cpuSeconds,
        writtenBytes + other.writtenBytes,
        peakResidentBytes + other.peakResidentBytes);
  }
}
