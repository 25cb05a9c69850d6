/** Where our server's time went: flame graphs out of Java Flight Recorder's samples. */
package dev.layercache.load.profile;
