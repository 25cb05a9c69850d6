package dev.layercache.server.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** An ext4 file system of its own, in a file: it can be full, and it can lose power. Needs root. */
public final class LoopVolume implements AutoCloseable {
  /** {@code EXT4_IOC_SHUTDOWN}, and its flag for "without writing the journal". */
  private static final long SHUTDOWN = 0x8004587dL;

  private static final int NO_LOG_FLUSH = 2;

  private final Path image;
  private final Path root;
  private boolean mounted;

  private LoopVolume(Path image, Path root) {
    this.image = image;
    this.root = root;
  }

  /**
   * Makes and mounts one. Where that is not permitted the test is skipped by name, except in CI.
   *
   * @param size as {@code truncate} takes it, such as 64M; the file is sparse
   */
  public static LoopVolume create(Path directory, String size) throws Exception {
    var volume =
        new LoopVolume(
            directory.resolve("image"), Files.createDirectory(directory.resolve("volume")));
    boolean works =
        run("truncate", "-s", size, volume.image.toString())
            && run("mkfs.ext4", "-q", "-m", "0", volume.image.toString())
            && volume.mount();
    assumeTrue(works || System.getenv("CI") != null, "mount: no permission for a loop device");
    assertThat(works).as("in CI a loop device must be mounted").isTrue();
    return volume;
  }

  /** Where it is mounted. */
  public Path root() {
    return root;
  }

  /**
   * From now on nothing reaches the disk, and what was written and not synced is lost, as when the
   * power goes. Every call on the volume fails until {@link #restorePower}.
   */
  public void losePower() {
    try (var arena = Arena.ofConfined()) {
      var linker = Linker.nativeLinker();
      MethodHandle open = function(linker, "open", ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
      MethodHandle ioctl = function(linker, "ioctl", ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG);
      MethodHandle close =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("close"),
              FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
      int file = (int) open.invoke(arena.allocateFrom(root.toString()), 0, MemorySegment.NULL);
      var flag = arena.allocateFrom(ValueLayout.JAVA_INT, NO_LOG_FLUSH);
      int result = (int) ioctl.invoke(file, SHUTDOWN, flag);
      int closed = (int) close.invoke(file);
      assertThat(result + closed).as("ioctl of the file system's shutdown").isZero();
    } catch (Throwable e) {
      throw new AssertionError("power was not cut: " + e.getMessage(), e);
    }
  }

  /** Mounts what is on the disk; whoever used the volume must be gone. */
  public void restorePower() throws Exception {
    assertThat(run("umount", root.toString())).as("umount").isTrue();
    mounted = false;
    assertThat(mount()).as("mount").isTrue();
  }

  @Override
  public void close() throws Exception {
    if (mounted) {
      assertThat(run("umount", root.toString())).as("umount").isTrue();
    }
  }

  /** Whether a command ended well within a minute. */
  public static boolean run(String... command) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
  }

  private boolean mount() throws IOException, InterruptedException {
    mounted = run("mount", "-o", "loop", image.toString(), root.toString());
    return mounted;
  }

  /** A function of two arguments and a further, optional one, which is a pointer here. */
  private static MethodHandle function(
      Linker linker, String name, ValueLayout first, ValueLayout second) {
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(ValueLayout.JAVA_INT, first, second, ValueLayout.ADDRESS),
        Linker.Option.firstVariadicArg(2));
  }
}
