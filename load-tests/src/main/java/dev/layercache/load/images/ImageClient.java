package dev.layercache.load.images;

import java.io.IOException;

/**
 * A program that moves images, with a store of its own, empty at first. Registries are {@code
 * 127.0.0.1:PORT} and speak plain HTTP. One thread at a time; whoever started it closes it.
 */
public interface ImageClient extends AutoCloseable {

  /** As in the tables. */
  String name();

  /** Has the image in its own store, as after a build, ready to be pushed to {@code registry}. */
  void build(SampleImage image, String registry) throws IOException, InterruptedException;

  void push(SampleImage image, String registry) throws IOException, InterruptedException;

  void pull(SampleImage image, String registry) throws IOException, InterruptedException;

  /** Empties its own store. */
  void forget() throws IOException, InterruptedException;

  @Override
  void close();
}
